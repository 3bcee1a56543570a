package dev.millrace.control.telemetry;

import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.software.os.OSProcess;
import oshi.software.os.OperatingSystem;

/// Processor, memory and files of this process. Loads native code when it is made; confined to one
/// platform thread.
final class OperatingSystemMeter implements Callable<Machine.Reading> {
  private final OperatingSystem system;
  private final CentralProcessor processor;
  private final int cores;
  private OSProcess last;
  private long[] lastTicks;

  OperatingSystemMeter() {
    var info = new SystemInfo();
    this.system = info.getOperatingSystem();
    this.processor = info.getHardware().getProcessor();
    this.cores = Math.max(1, processor.getLogicalProcessorCount());
    this.last = system.getCurrentProcess();
    this.lastTicks = processor.getSystemCpuLoadTicks();
  }

  /// The shares of the processor are those since the last call, or since this was made.
  @Override
  public Machine.Reading call() {
    var now = system.getCurrentProcess();
    var ticks = processor.getSystemCpuLoadTicks();
    var reading =
        new Machine.Reading(
            percent(now.getProcessCpuLoadBetweenTicks(last) / cores),
            systemPercent(ticks),
            known(now.getResidentMemory()),
            known(now.getOpenFiles()));
    last = now;
    lastTicks = ticks;
    return reading;
  }

  /// Null when the same ticks come again: the library reads them only a few times a second.
  private @Nullable Double systemPercent(long[] ticks) {
    return Arrays.equals(ticks, lastTicks)
        ? null
        : percent(processor.getSystemCpuLoadBetweenTicks(lastTicks, ticks));
  }

  /// One decimal; null for what is no share.
  private static @Nullable Double percent(double share) {
    return Double.isFinite(share) && share >= 0
        ? Math.round(Math.min(share, 1) * 1_000) / 10.0
        : null;
  }

  private static @Nullable Long known(long value) {
    return value > 0 ? value : null;
  }
}
