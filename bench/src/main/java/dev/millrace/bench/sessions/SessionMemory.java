package dev.millrace.bench.sessions;

import dev.millrace.bench.load.Crowd;
import dev.millrace.bench.load.Target;
import dev.millrace.bench.process.Footprint;
import dev.millrace.bench.process.MillraceProcess;
import dev.millrace.bench.process.ServerFigures;
import dev.millrace.bench.report.Bar;
import dev.millrace.bench.report.Finding;
import dev.millrace.bench.report.Table;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What does a session cost that is subscribed to one topic and has nothing to receive? Live heap
/// and direct memory of a real server, before the first session and with all of them, divided by
/// their number: what the first ones bring with them once, such as classes, is charged to all.
final class SessionMemory {
  private static final int BAR_BYTES = 5_120;
  private static final int SHOWN_CLASSES = 30;
  private static final Duration START_PATIENCE = Duration.ofSeconds(30);
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(60);

  private SessionMemory() {}

  /// @param topics how many topics the sessions are spread over
  /// @param settling how long they stay before they are looked at: longer than the heartbeat
  ///     interval, and what a first heartbeat leaves behind is in the figure
  /// @param histogram whether to say which classes grew
  static Finding measured(
      int sessions, int topics, Duration settling, boolean histogram, List<String> jvmArguments)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of(Footprint.TRACKING));
    arguments.addAll(jvmArguments);
    try (var server = MillraceProcess.start(arguments, List.of(), START_PATIENCE);
        var crowd = new Crowd(Target.millrace(server.address()), topics)) {
      var empty = Footprint.of(server);
      int few = Math.max(1, Math.min(topics, sessions / 2));
      crowd.growTo(few, CONNECT_PATIENCE);
      var first = Footprint.of(server);
      crowd.growTo(sessions, CONNECT_PATIENCE);
      crowd.tend(settling);
      var full = Footprint.of(server);
      crowd.tend(Duration.ZERO);
      var counted = ServerFigures.of(server.address()).sum("millrace_gateway_wse_connections");
      if (counted != sessions) {
        throw new IOException("the server counts " + counted + " sessions, not " + sessions);
      }
      var finding = finding(empty, full, sessions, topics, histogram, arguments);
      double further =
          (double) (full.heldBytes() - first.heldBytes()) / Math.max(1, sessions - few);
      return finding.with(
          "of those, each after the first %d: %,.0f bytes".formatted(few, further),
          "further_session_bytes",
          further);
    }
  }

  private static Finding finding(
      Footprint empty,
      Footprint full,
      int sessions,
      int topics,
      boolean histogram,
      List<String> arguments) {
    var table =
        new Table("", "before, KB", "with sessions, KB", "per session, bytes")
            .row(row("live heap", empty.heapBytes(), full.heapBytes(), sessions))
            .row(row("direct memory", empty.directBytes(), full.directBytes(), sessions))
            .row(row("together", empty.heldBytes(), full.heldBytes(), sessions))
            .row(row("resident, cold", empty.residentBytes(), full.residentBytes(), sessions));
    var jvm = String.join(" ", MillraceProcess.jvmArguments(arguments));
    var figures = Json.mapper().createObjectNode().put("sessions", sessions).put("topics", topics);
    figures.put("millrace_jvm", jvm);
    figures.put("heap_bytes", perSession(empty.heapBytes(), full.heapBytes(), sessions));
    figures.put("direct_bytes", perSession(empty.directBytes(), full.directBytes(), sessions));
    figures.put(
        "resident_bytes", perSession(empty.residentBytes(), full.residentBytes(), sessions));
    var notes = new ArrayList<>(List.of("server: " + jvm));
    if (histogram) {
      var classes = figures.putObject("grown_classes");
      notes.add("bytes per session, by class:");
      for (var entry : full.grownSince(empty, SHOWN_CLASSES)) {
        double bytes = (double) entry.getValue() / sessions;
        classes.put(entry.getKey(), bytes);
        notes.add(String.format(Locale.ROOT, "%9.1f  %s", bytes, entry.getKey()));
      }
    }
    double each = perSession(empty.heldBytes(), full.heldBytes(), sessions);
    return new Finding(
        "memory",
        "%,d idle sessions on %d topics".formatted(sessions, topics),
        table,
        notes,
        figures,
        List.of(Bar.atMost("memory of an idle session, bytes", each, BAR_BYTES)));
  }

  private static double perSession(long before, long after, int sessions) {
    return (double) (after - before) / sessions;
  }

  private static String[] row(String name, long before, long after, int sessions) {
    return new String[] {
      name,
      String.format(Locale.ROOT, "%,d", before / 1_024),
      String.format(Locale.ROOT, "%,d", after / 1_024),
      String.format(Locale.ROOT, "%,.0f", perSession(before, after, sessions))
    };
  }
}
