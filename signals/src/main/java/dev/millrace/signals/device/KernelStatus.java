package dev.millrace.signals.device;

/// What a [DeviceManager] is doing.
public sealed interface KernelStatus {
  record Stopped() implements KernelStatus {}

  record Initializing() implements KernelStatus {}

  record Running() implements KernelStatus {}

  @SuppressWarnings("AvoidCommonTypeNames") // what operators know the state by
  record Error(String message) implements KernelStatus {}
}
