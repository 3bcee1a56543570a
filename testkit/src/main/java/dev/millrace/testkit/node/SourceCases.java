package dev.millrace.testkit.node;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// The situations every [Source] must survive. Each case gets a fresh node and a fresh
/// [TestNodeContext]; a broken rule is an [AssertionError] that names the case and the seed.
public final class SourceCases {
  private static final int LARGEST_LIMIT = 64;
  private static final int POLLS_AFTER_DRAIN = 10_000;

  private final Supplier<? extends Source> fresh;
  private Supplier<TestNodeContext> contexts = TestNodeContext::new;
  private long frames = 1_000;
  private long seed = 20_260_101;
  private boolean repeatable = true;

  SourceCases(Supplier<? extends Source> fresh) {
    this.fresh = fresh;
  }

  /// How many frames to ask for, at most; for sources without an end. Default 1000.
  public SourceCases frames(long most) {
    frames = most;
    return this;
  }

  /// Where each case's context comes from; the harness closes it.
  public SourceCases contexts(Supplier<TestNodeContext> supplier) {
    contexts = supplier;
    return this;
  }

  public SourceCases seed(long newSeed) {
    seed = newSeed;
    return this;
  }

  /// For sources that make something else each time: runs are not compared.
  public SourceCases notRepeatable() {
    repeatable = false;
    return this;
  }

  /// Runs all cases.
  ///
  /// @return the frames of the run that asked for one at a time
  public List<Frame> check() throws Exception {
    var single = play(1);
    same("limit 64", single, play(LARGEST_LIMIT));
    same("random limits, seed " + seed, single, playRandomly(single.size()));
    resume(single);
    drainAtOnce();
    drainLater();
    try (var context = contexts.get()) {
      NodeHarness.open(fresh.get(), context).close();
    }
    return single;
  }

  private List<Frame> play(int limit) throws Exception {
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      var outputs = run.pollUntil(frames, limit).outputs();
      sequences(outputs);
      return outputs;
    }
  }

  private List<Frame> playRandomly(long wanted) throws Exception {
    var random = new Random(seed);
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      long asked = 0;
      while (asked < wanted && !run.done()) {
        int limit = (int) Math.min(1 + random.nextInt(LARGEST_LIMIT), wanted - asked);
        asked += limit;
        run.pollUntil(asked, limit);
      }
      return run.outputs();
    }
  }

  /// A source that can resume gives, after its own position, exactly what it had not yet given.
  private void resume(List<Frame> single) throws Exception {
    SourcePosition position;
    int given;
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      run.pollUntil(single.size() / 2, LARGEST_LIMIT);
      position = run.position();
      given = run.outputs().size();
    }
    if (position == null || position.repeats() || given == 0) {
      return;
    }
    try (var later = contexts.get().resuming(position.stream(), position.ordinal());
        var rest = NodeHarness.open(fresh.get(), later)) {
      rest.pollUntil(frames - given, LARGEST_LIMIT);
      same("resumed after " + position, single.subList(given, single.size()), rest.outputs());
    }
  }

  private void drainAtOnce() throws Exception {
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      ends(run.drain());
    }
  }

  private void drainLater() throws Exception {
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      run.pollUntil(frames / 2, 1);
      ends(run.drain());
    }
  }

  private static void ends(SourceRun run) throws Exception {
    for (int i = 0; i < POLLS_AFTER_DRAIN; i++) {
      if (run.done()) {
        return;
      }
      run.poll(LARGEST_LIMIT);
    }
    throw new AssertionError(
        "after drain() the source was polled " + POLLS_AFTER_DRAIN + " times and did not end");
  }

  private static void sequences(List<Frame> outputs) {
    long last = Long.MIN_VALUE;
    for (var frame : outputs) {
      if (frame.sequence() < last) {
        throw new AssertionError("sequence " + frame.sequence() + " after " + last);
      }
      last = frame.sequence();
    }
  }

  private void same(String name, List<Frame> wanted, List<Frame> got) {
    if (repeatable && !FrameText.of(wanted).equals(FrameText.of(got))) {
      throw new AssertionError(
          name
              + " gave other frames: "
              + got.size()
              + " instead of "
              + wanted.size()
              + "; one at a time: "
              + FrameText.of(wanted.subList(0, Math.min(3, wanted.size())))
              + ", now: "
              + FrameText.of(got.subList(0, Math.min(3, got.size()))));
    }
  }
}
