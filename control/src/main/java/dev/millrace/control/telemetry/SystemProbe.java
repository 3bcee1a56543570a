package dev.millrace.control.telemetry;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Gathers [SystemFigures], interval by interval. Asked by one thread at a time.
final class SystemProbe implements AutoCloseable {
  /// Collectors name their beans after what they count; these two count work beside the program.
  private static final List<String> NO_PAUSES = List.of("Cycles", "Concurrent");

  private final Machine machine;
  private final List<GarbageCollectorMXBean> collectors =
      ManagementFactory.getGarbageCollectorMXBeans().stream()
          .filter(bean -> NO_PAUSES.stream().noneMatch(bean.getName()::contains))
          .toList();
  private @Nullable Long lastPausesMs;

  SystemProbe(Machine machine) {
    this.machine = machine;
    this.lastPausesMs = pausesMs(collectors);
  }

  /// How things are now; waits for the operating system, a moment at most.
  SystemFigures read(@Nullable Double clockStepMs) {
    var reading = machine.read();
    var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    var pauses = pausesMs(collectors);
    var paused = pauses == null || lastPausesMs == null ? null : (Long) (pauses - lastPausesMs);
    lastPausesMs = pauses;
    return new SystemFigures(
        reading.cpuProcessPct(),
        reading.cpuSystemPct(),
        reading.rssBytes(),
        heap.getUsed(),
        heap.getMax() < 0 ? null : (Long) heap.getMax(),
        ManagementFactory.getThreadMXBean().getThreadCount(),
        reading.openFds(),
        paused,
        clockStepMs);
  }

  @Override
  public void close() {
    machine.close();
  }

  /// All pauses so far, or null where no collector tells.
  private static @Nullable Long pausesMs(List<GarbageCollectorMXBean> collectors) {
    long sum = 0;
    boolean told = false;
    for (var collector : collectors) {
      long millis = collector.getCollectionTime();
      if (millis >= 0) {
        told = true;
        sum += millis;
      }
    }
    return told ? sum : null;
  }
}
