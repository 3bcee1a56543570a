package dev.millrace.control.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.Spec;
import dev.millrace.core.time.FakeClock;
import dev.millrace.testkit.Await;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import tools.jackson.databind.JsonNode;

/// A log of its own, apart from that of the test run.
final class LogFixture implements AutoCloseable {
  final LoggerContext context = new LoggerContext();
  final FakeClock clock = new FakeClock();
  final Metrics metrics = new Metrics();
  final FakeSink sink = new FakeSink();
  final LogService logs;

  LogFixture() {
    this(spec(8_192));
  }

  LogFixture(LogSpec spec) {
    this(spec, new JsonLines(), null);
  }

  private LogFixture(
      LogSpec spec, LineForm form, @org.jspecify.annotations.Nullable WritableByteChannel other) {
    context.setMDCAdapter(new LogbackMDCAdapter());
    var channel = other == null ? sink : other;
    logs = new LogService(context, spec, new LogWriter.Sink(form, channel), clock, metrics);
  }

  static LogFixture writingTo(WritableByteChannel channel) {
    return new LogFixture(spec(8_192), new JsonLines(), channel);
  }

  static LogFixture ofText() {
    return new LogFixture(spec(8_192), TextLines.forFile(), null);
  }

  static LogSpec spec(int queue) {
    var spec = Spec.of(LogSpec.class).defaults();
    return new LogSpec(
        Level.TRACE,
        Map.of(),
        spec.format(),
        spec.output(),
        spec.file(),
        spec.fileSize(),
        spec.files(),
        queue);
  }

  static LogSpec levels(Level level, Map<String, Level> levels) {
    var spec = Spec.of(LogSpec.class).defaults();
    return new LogSpec(
        level,
        levels,
        spec.format(),
        spec.output(),
        spec.file(),
        spec.fileSize(),
        spec.files(),
        spec.queue());
  }

  Logger logger() {
    return context.getLogger("dev.millrace.engine.pipeline.Pipeline");
  }

  /// A sink that has just begun to block on a first record.
  void blockSink() {
    sink.block();
    logger().error("the first");
    Await.until("the writer is stuck", () -> sink.blockedWriters.get() == 1);
  }

  /// What has been written when `records` are there.
  List<JsonNode> records(int records) {
    Await.until(records + " records are written", () -> sink.lines().size() >= records);
    return sink.lines().stream()
        .map(line -> Json.tree(line.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  /// The lines there are when `lines` have been written.
  List<String> lines(int lines) {
    Await.until(lines + " lines are written", () -> sink.lines().size() >= lines);
    return sink.lines();
  }

  @Override
  public void close() {
    sink.unblock();
    sink.fail(false);
    sink.takeAtMost(Integer.MAX_VALUE);
    logs.close();
  }
}
