package dev.millrace.signals.device;

import java.util.Optional;

/// The devices that nodes may use. Safe from any thread.
@FunctionalInterface
public interface AudioDevices {
  /// None at all: nodes that read get silence, those that write hand frames on.
  AudioDevices NONE = profileId -> Optional.empty();

  /// The open device of this profile, empty without one.
  Optional<AudioDevice> find(String profileId);
}
