package dev.millrace.engine.pipeline;

import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.EngineMetric;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the engine lends one node for one run, and what the node has said since. Safe from any
/// thread.
final class RunningNode implements NodeContext {
  private static final Logger log = LoggerFactory.getLogger(RunningNode.class);
  private static final long LOG_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();

  private final String pipeline;
  private final String id;
  private final Clock clock;
  private final PipelineServices services;
  private final List<String> inputs;
  private final Map<Class<?>, Object> kept = new ConcurrentHashMap<>(2);
  private final AtomicLong rejected; // the place's, whatever node stands there

  // Both guarded by this: when a refusal was last logged, and how many have not been since.
  private long loggedNanos;
  private long suppressed = -1;

  // Written when the graph of the run changes, read by the node's thread.
  private volatile Function<String, OptionalLong> resume;

  // Both written before the node is opened; the first again when its chain is built anew.
  private volatile @Nullable Runnable waker;
  private volatile @Nullable SampleLender lender;
  private volatile LongSupplier watermark = () -> NO_WATERMARK; // likewise

  // By instance: what keeps it from working.
  private final Map<Object, String> troubles = new ConcurrentHashMap<>(2);

  // Written once, by whoever meets the failure first.
  private volatile @Nullable Failed failed;

  /// Why the node will not work again in this run, and since when.
  record Failed(String sentence, long epochMicros) {}

  /// `before` is what stood in the node's place, null for nothing.
  RunningNode(
      String pipeline,
      String id,
      Clock clock,
      PipelineServices services,
      Function<String, OptionalLong> resume,
      List<String> inputs,
      @Nullable RunningNode before) {
    this.pipeline = pipeline;
    this.id = id;
    this.clock = clock;
    this.services = services;
    this.resume = resume;
    this.inputs = inputs;
    this.rejected = before == null ? new AtomicLong() : before.rejected;
  }

  /// What [#wake] does.
  void wakes(Runnable woken) {
    waker = woken;
  }

  /// What [#resumeAfter] says.
  void resumes(Function<String, OptionalLong> told) {
    resume = told;
  }

  void lends(SampleLender arrays) {
    lender = arrays;
  }

  /// What [#watermarkMicros] says.
  void tellsTime(LongSupplier told) {
    watermark = told;
  }

  @Override
  public long watermarkMicros() {
    return watermark.getAsLong();
  }

  @Override
  public String pipeline() {
    return pipeline;
  }

  @Override
  public String node() {
    return id;
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public Metrics metrics() {
    return services.metrics();
  }

  @Override
  public List<String> inputs() {
    return inputs;
  }

  @Override
  public Path resolve(String path) throws ProblemException {
    return services.resolve(id, path);
  }

  @Override
  public OptionalLong resumeAfter(String stream) {
    return resume.apply(stream);
  }

  @Override
  public SampleLender samples() {
    return Objects.requireNonNull(lender, "a node is lent arrays once it has a stage");
  }

  @Override
  public <T> T kept(Class<T> type, Supplier<T> fresh) {
    return type.cast(kept.computeIfAbsent(type, any -> fresh.get()));
  }

  @Override
  public void wake() {
    Objects.requireNonNull(waker, "a node wakes after it was opened").run();
  }

  @Override
  public void rejected(String reason, String sentence) {
    rejected.incrementAndGet();
    services.metrics().counter(EngineMetric.NODE_REJECTED, pipeline, id, reason).inc();
    long more = logNow();
    if (more >= 0) {
      log.warn(
          "{}/{} refused an input ({}): {}{}",
          pipeline,
          id,
          reason,
          sentence,
          more == 0 ? "" : " (and " + more + " more since the last such line)");
    }
  }

  @Override
  public void trouble(String sentence) {
    trouble(this, sentence);
  }

  /// What `speaker`, one of several instances, says.
  void trouble(Object speaker, String sentence) {
    if (!sentence.equals(troubles.put(speaker, sentence))) {
      log.warn("{}/{}: {}", pipeline, id, sentence);
    }
  }

  @Override
  public void recovered() {
    recovered(this);
  }

  /// `speaker` has no trouble any more.
  void recovered(Object speaker) {
    if (troubles.remove(speaker) != null && troubles.isEmpty()) {
      log.info("{}/{} works again", pipeline, id);
    }
  }

  long rejectedCount() {
    return rejected.get();
  }

  @Nullable String trouble() {
    for (var sentence : troubles.values()) {
      return sentence;
    }
    return null;
  }

  /// The node failed; what is said first holds.
  synchronized void fail(String sentence) {
    if (failed == null) {
      failed = new Failed(sentence, clock.epochMicros());
    }
  }

  @Nullable Failed failed() {
    return failed;
  }

  /// How many refusals went unlogged since the last line, or -1 when it is too early for another.
  private synchronized long logNow() {
    long now = clock.nanoTime();
    if (suppressed >= 0 && now - loggedNanos < LOG_PAUSE_NANOS) {
      suppressed++;
      return -1;
    }
    long more = Math.max(0, suppressed);
    suppressed = 0;
    loggedNanos = now;
    return more;
  }
}
