package dev.millrace.testkit.node;

import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What the engine lends a node, for a test: a [FakeClock], metrics of its own, a data directory
/// that vanishes on [#close], and a record of everything the node said. Safe from any thread.
public final class TestNodeContext implements NodeContext, AutoCloseable {
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final Path dataDirectory;
  private final boolean temporary;
  private final Map<String, Long> resume = new ConcurrentHashMap<>();
  private final List<Rejection> rejections = new CopyOnWriteArrayList<>();
  private final List<String> troubles = new CopyOnWriteArrayList<>();
  private final SamplePool samples = new SamplePool(1_024, true);
  private final Map<Class<?>, Object> kept = new ConcurrentHashMap<>();
  private final Semaphore wakes = new Semaphore(0);

  // Set by the test before the node is opened.
  private volatile List<String> inputs = List.of();
  // The sentence in force; written by whichever thread of the node speaks.
  private volatile @Nullable String trouble;

  /// One call of [NodeContext#rejected].
  public record Rejection(String reason, String sentence) {}

  /// A context with a fresh directory under the JVM's temporary one.
  public TestNodeContext() {
    this(freshDirectory(), true);
  }

  /// A context whose relative paths stand under `dataDirectory`, which stays: for what must survive
  /// from one run of a node to the next.
  public TestNodeContext(Path dataDirectory) {
    this(dataDirectory, false);
  }

  private TestNodeContext(Path dataDirectory, boolean temporary) {
    this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
    this.temporary = temporary;
  }

  /// Has [#resumeAfter] answer `ordinal` for `stream`.
  public TestNodeContext resuming(String stream, long ordinal) {
    resume.put(stream, ordinal);
    return this;
  }

  /// Has [#inputs] answer these nodes.
  public TestNodeContext fedBy(String... nodes) {
    inputs = List.of(nodes);
    return this;
  }

  @Override
  public List<String> inputs() {
    return inputs;
  }

  @Override
  public String pipeline() {
    return "test";
  }

  @Override
  public String node() {
    return "node";
  }

  @Override
  public FakeClock clock() {
    return clock;
  }

  @Override
  public Metrics metrics() {
    return metrics;
  }

  public Path dataDirectory() {
    return dataDirectory;
  }

  @Override
  public Path resolve(String path) throws ProblemException {
    var resolved = dataDirectory.resolve(path).normalize();
    if (!Path.of(path).isAbsolute() && !resolved.startsWith(dataDirectory)) {
      throw new ProblemException(
          Problem.error(
              "E_PATH",
              Location.of(path),
              "the path " + path + " leaves the data directory",
              "Write a path without .. in it."));
    }
    return resolved;
  }

  @Override
  public OptionalLong resumeAfter(String stream) {
    var ordinal = resume.get(stream);
    return ordinal == null ? OptionalLong.empty() : OptionalLong.of(ordinal);
  }

  /// The pool that the node takes arrays from; poisons what goes back.
  @Override
  public SamplePool samples() {
    return samples;
  }

  @Override
  public <T> T kept(Class<T> type, Supplier<T> fresh) {
    return type.cast(kept.computeIfAbsent(type, any -> fresh.get()));
  }

  @Override
  public void wake() {
    wakes.release();
  }

  @Override
  public void rejected(String reason, String sentence) {
    rejections.add(new Rejection(reason, sentence));
  }

  @Override
  public void trouble(String sentence) {
    if (!sentence.equals(trouble)) {
      trouble = sentence;
      troubles.add(sentence);
    }
  }

  @Override
  public void recovered() {
    trouble = null;
  }

  /// Everything refused so far, in order.
  public List<Rejection> rejections() {
    return List.copyOf(rejections);
  }

  /// Every trouble so far, in order, also those that are over.
  public List<String> troubles() {
    return List.copyOf(troubles);
  }

  /// The trouble in force, or null.
  public @Nullable String trouble() {
    return trouble;
  }

  /// Waits until the node woke itself since the last call, at most `patience` of real time.
  ///
  /// @throws AssertionError if it did not
  public void awaitWake(Duration patience) {
    try {
      if (!wakes.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new AssertionError("the node waits for a wake() that did not come in " + patience);
      }
      wakes.drainPermits();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for a wake()", interrupted);
    }
  }

  /// Removes the data directory if this context made it.
  @Override
  public void close() {
    if (!temporary) {
      return;
    }
    try (var paths = Files.walk(dataDirectory)) {
      for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException("could not remove " + dataDirectory, failure);
    }
  }

  private static Path freshDirectory() {
    try {
      var parent = Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
      return Files.createTempDirectory(parent, "node-");
    } catch (IOException failure) {
      throw new UncheckedIOException("no temporary directory for the test", failure);
    }
  }
}
