package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What one of several instances of a node is lent: everything its place has, arrays of its own,
/// the watermark of what it works on, and a trouble of its own, which the others do not end. Safe
// from any thread.
final class InstanceContext implements NodeContext {
  private final RunningNode place;
  private final SampleLender arrays;
  private final LongSupplier watermark;

  InstanceContext(RunningNode place, SampleLender arrays, LongSupplier watermark) {
    this.place = place;
    this.arrays = arrays;
    this.watermark = watermark;
  }

  @Override
  public String pipeline() {
    return place.pipeline();
  }

  @Override
  public String node() {
    return place.node();
  }

  @Override
  public Clock clock() {
    return place.clock();
  }

  @Override
  public Metrics metrics() {
    return place.metrics();
  }

  @Override
  public List<String> inputs() {
    return place.inputs();
  }

  @Override
  public Path resolve(String path) throws ProblemException {
    return place.resolve(path);
  }

  @Override
  public OptionalLong resumeAfter(String stream) {
    return place.resumeAfter(stream);
  }

  @Override
  public long watermarkMicros() {
    return watermark.getAsLong();
  }

  @Override
  public void wake() {
    place.wake();
  }

  @Override
  public SampleLender samples() {
    return arrays;
  }

  @Override
  public <T> T kept(Class<T> type, Supplier<T> fresh) {
    return place.kept(type, fresh);
  }

  @Override
  public void rejected(String reason, String sentence) {
    place.rejected(reason, sentence);
  }

  @Override
  public void trouble(String sentence) {
    place.trouble(this, sentence);
  }

  @Override
  public void recovered() {
    place.recovered(this);
  }
}
