package dev.millrace.testkit.node;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/// The situations every [Processor] must survive. Each case gets a fresh node and a fresh
/// [TestNodeContext]; a broken rule is an [AssertionError] that names the case and the seed.
public final class ProcessorCases {
  private static final int RANDOM_SPLITS = 8;
  private static final int LARGEST_BATCH = 64;

  private final Supplier<? extends Processor> fresh;
  private Supplier<TestNodeContext> contexts = TestNodeContext::new;
  private List<Frame> inputs = List.of(Frame.trigger(1_000, 1), Frame.trigger(2_000, 2));
  private long seed = 20_260_101;
  private boolean batchingMatters;
  private boolean ordered = true;
  private boolean failuresExpected;

  ProcessorCases(Supplier<? extends Processor> fresh) {
    this.fresh = fresh;
  }

  /// Frames the node understands, with sequences that do not fall.
  public ProcessorCases inputs(List<Frame> frames) {
    inputs = List.copyOf(frames);
    return this;
  }

  /// Where each case's context comes from; the harness closes it.
  public ProcessorCases contexts(Supplier<TestNodeContext> supplier) {
    contexts = supplier;
    return this;
  }

  public ProcessorCases seed(long newSeed) {
    seed = newSeed;
    return this;
  }

  /// For nodes whose output depends on where batches end, such as one frame per batch: outputs of
  /// different splits are not compared.
  public ProcessorCases outputsDependOnBatching() {
    batchingMatters = true;
    return this;
  }

  /// For nodes that make frames with sequences of their own.
  public ProcessorCases ownSequences() {
    ordered = false;
    return this;
  }

  /// For nodes that fail on some of the inputs on purpose.
  public ProcessorCases failuresExpected() {
    failuresExpected = true;
    return this;
  }

  /// Runs all cases.
  ///
  /// @return what the node made of the inputs one at a time, for assertions of the test's own
  public List<Frame> check() throws Exception {
    var before = FrameText.of(inputs);
    var single = play("one frame per batch", singles());
    compare("all at once", single, play("all at once", List.of(inputs)));
    for (int i = 0; i < RANDOM_SPLITS; i++) {
      var name = "random batches, seed " + (seed + i);
      compare(name, single, play(name, split(new Random(seed + i))));
    }
    compare("another thread for each step", single, onManyThreads());
    play("no input", List.of());
    openAndClose();
    hostileFrames();
    equal("inputs are not written to", before, FrameText.of(inputs));
    return single;
  }

  private List<Frame> play(String name, List<List<Frame>> batches) throws Exception {
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      var positions = new Positions();
      for (var batch : batches) {
        run.batch(batch, positions.after(batch));
        if (batch.isEmpty()) {
          run.idle();
        }
      }
      run.idle().finish();
      ended(name, run);
      return run.outputs();
    }
  }

  private List<Frame> onManyThreads() throws Exception {
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      var positions = new Positions();
      for (var batch : split(new Random(seed))) {
        Elsewhere.run(() -> run.batch(batch, positions.after(batch)));
      }
      Elsewhere.run(() -> run.idle().finish());
      ended("another thread for each step", run);
      return run.outputs();
    }
  }

  private void ended(String name, ProcessorRun run) {
    if (!failuresExpected && !run.failures().isEmpty()) {
      throw new AssertionError(name + ": process failed", run.failures().getFirst());
    }
    if (ordered) {
      sequences(name, run.outputs());
    }
  }

  private void openAndClose() throws Exception {
    try (var context = contexts.get()) {
      NodeHarness.open(fresh.get(), context).close();
    }
  }

  /// Bodies of every kind, also broken ones: refusing them or failing on them is fine, an [Error]
  /// or a node that cannot be closed afterwards is not.
  private void hostileFrames() throws Exception {
    try (var context = contexts.get();
        var run = NodeHarness.open(fresh.get(), context)) {
      for (var hostile : hostile()) {
        run.batch(List.of(hostile), null);
      }
      run.idle().finish();
    }
  }

  private static List<Frame> hostile() {
    var bodies = new ArrayList<Body>();
    bodies.add(Body.EMPTY);
    bodies.add(new Body.Text(""));
    bodies.add(new Body.Text("\uD800 \u0000 \uFFFF"));
    for (var json : List.of("", " ", "{", "null", "[]", "{}", "\"\\u", "1e999", "{\"a\":{\"a\":")) {
      bodies.add(new Body.JsonBytes(json.getBytes(StandardCharsets.UTF_8)));
    }
    bodies.add(new Body.JsonBytes("[".repeat(100_000).getBytes(StandardCharsets.UTF_8)));
    bodies.add(new Body.JsonBytes(new byte[] {'"', (byte) 0xC3, (byte) 0x28, '"'}));
    bodies.add(Samples.of(Map.of()));
    bodies.add(Samples.of(Map.of("", new double[0], "x", new double[] {Double.NaN, -0.0})));
    var frames = new ArrayList<Frame>();
    for (int i = 0; i < bodies.size(); i++) {
      frames.add(new Frame(Long.MAX_VALUE, i, bodies.get(i), Metadata.NONE));
    }
    return frames;
  }

  private void sequences(String name, List<Frame> outputs) {
    var known = new HashSet<Long>();
    inputs.forEach(frame -> known.add(frame.sequence()));
    long last = Long.MIN_VALUE;
    for (var frame : outputs) {
      if (!known.contains(frame.sequence())) {
        throw new AssertionError(name + ": no input has the sequence of " + FrameText.of(frame));
      }
      if (frame.sequence() < last) {
        throw new AssertionError(name + ": sequence " + frame.sequence() + " after " + last);
      }
      last = frame.sequence();
    }
  }

  private List<List<Frame>> singles() {
    return inputs.stream().map(List::of).toList();
  }

  /// Batches of random sizes, with empty ones between them.
  private List<List<Frame>> split(Random random) {
    var batches = new ArrayList<List<Frame>>();
    for (int from = 0; from < inputs.size(); ) {
      int to = from + random.nextInt(Math.min(LARGEST_BATCH, inputs.size() - from) + 1);
      batches.add(inputs.subList(from, to));
      from = to;
    }
    return batches;
  }

  /// The position after each batch; an empty batch repeats the one before.
  private static final class Positions {
    private long highest;

    SourcePosition after(List<Frame> batch) {
      if (!batch.isEmpty()) {
        highest = batch.getLast().sequence();
      }
      return SourcePosition.exact("test", highest);
    }
  }

  private void compare(String name, List<Frame> single, List<Frame> outputs) {
    if (!batchingMatters) {
      equal(name, FrameText.of(single), FrameText.of(outputs));
    }
  }

  private static void equal(String name, List<String> wanted, List<String> got) {
    if (!wanted.equals(got)) {
      int at = 0;
      while (at < Math.min(wanted.size(), got.size()) && wanted.get(at).equals(got.get(at))) {
        at++;
      }
      throw new AssertionError(
          name
              + ": "
              + got.size()
              + " frames where "
              + wanted.size()
              + " were expected; the first difference is at "
              + at
              + Arrays.asList(
                  at < wanted.size() ? wanted.get(at) : "nothing",
                  at < got.size() ? got.get(at) : "nothing"));
    }
  }
}
