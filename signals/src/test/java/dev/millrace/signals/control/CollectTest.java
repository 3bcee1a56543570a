package dev.millrace.signals.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleTag;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeType;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CollectTest {

  @Test
  void theNewestFramesAreKeptAndTheOthersCounted() throws Exception {
    try (var context = new TestNodeContext()) {
      var collect = collect("{max_frames: 3}");
      var frames = Fixture.frames(1, 5);
      try (var run = NodeHarness.open(collect, context)) {
        run.batch(frames, null).finish();
        assertThat(run.outputs()).isEqualTo(frames);
      }
      assertThat(collect.frames()).isEqualTo(frames.subList(2, 5));
      assertThat(context.metrics().count(ControlMetric.COLLECT_DROPPED, "test", "node"))
          .isEqualTo(2);
    }
  }

  @Test
  void aTerminalOneHandsNothingOn() throws Exception {
    assertThat(NodeHarness.run(collect("{terminal: true}"), Fixture.frames(1, 5))).isEmpty();
    assertThat(ControlTypes.COLLECT.terminal().test(new Collect.Config(1, true))).isTrue();
    assertThat(ControlTypes.COLLECT.terminal().test(new Collect.Config(1, false))).isFalse();
  }

  @Test
  void aFullRingOfLentSamplesMakesNoMoreArrays() {
    var ring = new FrameRing(2);
    var arrays = new IdentityHashMap<double[], Boolean>();
    try (var context = new TestNodeContext()) {
      for (int i = 0; i < 10; i++) {
        try (var lent = context.samples().take(4)) {
          lent.array()[0] = i;
          ring.add(new Frame(i, i, Samples.of("a", lent), Metadata.NONE));
        }
      }
    }
    for (var frame : ring.frames()) {
      arrays.put(channel(frame), true);
      assertThat(channel(frame)[0]).isEqualTo((double) frame.sequence());
      assertThat(((Samples) frame.body()).lent()).isFalse();
    }
    assertThat(ring.frames()).extracting(Frame::sequence).containsExactly(8L, 9L);
    assertThat(arrays).hasSize(2);
  }

  /// Frames of random shapes, lent or not, with tags or not, beside a queue of copies.
  @Test
  void theRingIsAQueueOfCopies() {
    for (int seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int capacity = 1 + random.nextInt(5);
      var ring = new FrameRing(capacity);
      var queue = new ArrayDeque<Frame>();
      try (var context = new TestNodeContext()) {
        for (int i = 0; i < 60; i++) {
          int length = random.nextInt(3);
          try (var lent = context.samples().take(length)) {
            var values = random.doubles(length).toArray();
            System.arraycopy(values, 0, lent.array(), 0, length);
            var name = random.nextInt(4) == 0 ? "b" : "a";
            var samples =
                random.nextInt(4) == 0 ? Samples.of(name, values) : Samples.of(name, lent);
            if (random.nextInt(3) == 0) {
              samples = samples.withTags(List.of(new SampleTag(i, "k", "v")));
            }
            var frame = new Frame(i, i, samples, Metadata.NONE);
            queue.add(frame.detach());
            ring.add(frame);
          }
          if (queue.size() > capacity) {
            queue.remove();
          }
          assertThat(ring.frames()).as("seed %d", seed).containsExactlyElementsOf(queue);
        }
      }
    }
  }

  @Test
  void whoeverReadsMeanwhileSeesWholeFramesInOrder() throws Exception {
    var ring = new FrameRing(8);
    try (var context = new TestNodeContext()) {
      var writer =
          new FutureTask<>(
              () -> {
                for (int i = 0; i < 30_000; i++) {
                  try (var lent = context.samples().take(32)) {
                    java.util.Arrays.fill(lent.array(), i);
                    ring.add(new Frame(i, i, Samples.of("a", lent), Metadata.NONE));
                  }
                }
                return true;
              });
      Thread.ofPlatform().start(writer);
      do {
        long last = -1;
        for (var frame : ring.frames()) {
          assertThat(frame.sequence()).isGreaterThan(last);
          last = frame.sequence();
          for (double value : channel(frame)) {
            assertThat(value).isEqualTo((double) frame.sequence());
          }
        }
      } while (!writer.isDone());
      writer.get(5, TimeUnit.SECONDS);
      assertThat(ring.frames()).hasSize(8);
    }
  }

  @Test
  void aCheckpointHasTheFramesAndRestoringItForgetsLaterOnes() throws Exception {
    var frames = new ArrayList<>(Fixture.frames(1, 4));
    frames.add(new Frame(1, 5, new Body.Text("x"), Metadata.NONE.with("k", "v")));
    frames.add(Frame.json(2, 6, "{}"));
    frames.add(Frame.trigger(3, 7));
    frames.add(
        new Frame(
            4,
            8,
            Samples.of(Map.of("", new double[] {Double.NaN, -0.0}))
                .withTags(List.of(new SampleTag(1, "k", "v"))),
            Metadata.NONE));
    var collect = collect("{max_frames: 6}");
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(collect, context)) {
      run.batch(frames, null);
      var state = Fixture.saved(collect);
      run.batch(Fixture.frames(9, 3), null);
      Fixture.restore(collect, state);
      assertThat(collect.frames()).isEqualTo(frames.subList(2, 8));
      assertThat(collect.dropped()).isEqualTo(2);
      run.batch(Fixture.frames(9, 1), null);
      assertThat(collect.dropped()).isEqualTo(3);
    }
  }

  @Test
  void brokenStatesAreRefused() throws Exception {
    var collect = collect("{}");
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(collect, context)) {
      run.batch(Fixture.frames(1, 3), null);
      var state = Fixture.saved(collect);
      for (int length = 0; length < state.length; length++) {
        var cut = java.util.Arrays.copyOf(state, length);
        assertThatThrownBy(() -> Fixture.restore(collect, cut)).isInstanceOf(IOException.class);
      }
      var random = new Random(4);
      for (int i = 0; i < 2_000; i++) {
        var broken = state.clone();
        broken[20 + random.nextInt(state.length - 20)] ^= (byte) (1 << random.nextInt(7));
        try {
          FrameCodec.read(new DataInputStream(new ByteArrayInputStream(broken, 12, 1 << 20)));
        } catch (IOException expected) {
          assertThat(expected).isNotNull();
        }
      }
    }
  }

  @Test
  void keepsTheContractOfANode() throws Exception {
    var frames = Fixture.frames(1, 100);
    assertThat(NodeHarness.processor(() -> collect("{}")).inputs(frames).check()).isEqualTo(frames);
  }

  @Test
  void theNamesOfTheTypes() {
    assertThat(ControlTypes.ALL)
        .extracting(NodeType::name)
        .isEqualTo(
            List.of(
                "TriggerSourceNode", "Router", "Merge", "AssertRMS", "Delay", "Fault", "Collect"));
    assertThat(ControlTypes.TRIGGER_SOURCE.aliases())
        .isEqualTo(List.of("TriggerSource", "triggersourcenode", "trigger_source"));
  }

  private static double[] channel(Frame frame) {
    return ((Samples) frame.body()).channel(0);
  }

  private static Collect collect(String config) {
    return (Collect) Fixture.node(ControlTypes.COLLECT, config);
  }
}
