package dev.millrace.control.log;

import dev.millrace.core.metric.Metrics;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.event.Level;

/// Counts what was dropped, by level. Safe from any thread.
final class Losses {
  private final Map<Level, Loss> byLevel =
      new EnumMap<>(Level.class); // filled here, then only read

  /// What one level has lost.
  private static final class Loss {
    private final LongAdder dropped = new LongAdder();
    private final CounterDataPoint total;
    private long reported; // the writer's

    Loss(CounterDataPoint total) {
      this.total = total;
    }

    private long sinceReport() {
      long now = dropped.sum();
      long since = now - reported;
      reported = now;
      return since;
    }
  }

  Losses(Metrics metrics) {
    for (var level : Level.values()) {
      byLevel.put(level, new Loss(metrics.counter(LogMetric.DROPPED, LogRecord.label(level))));
    }
  }

  void count(Level level, long records) {
    var loss = byLevel.get(level);
    if (loss != null) {
      loss.dropped.add(records);
      loss.total.inc(records);
    }
  }

  /// All so far; every level has its entry.
  Map<String, Long> byLevel() {
    var all = new TreeMap<String, Long>();
    byLevel.forEach((level, loss) -> all.put(LogRecord.label(level), loss.dropped.sum()));
    return all;
  }

  /// `dropped_<level>` for each level that lost something since the last call. For the writer only.
  List<LogRecord.Field> news() {
    var news = new ArrayList<LogRecord.Field>();
    byLevel.forEach(
        (level, loss) -> {
          long since = loss.sinceReport();
          if (since > 0) {
            news.add(
                LogRecord.Field.of("dropped_" + LogRecord.label(level), since, Clipped.VISIBLE));
          }
        });
    return news;
  }
}
