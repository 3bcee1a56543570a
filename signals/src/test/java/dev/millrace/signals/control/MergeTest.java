package dev.millrace.signals.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SampleTag;
import dev.millrace.core.frame.Samples;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.ProcessorRun;
import dev.millrace.testkit.node.TestNodeContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MergeTest {

  @Test
  void framesOfOneSequenceBecomeOneWithTheChannelsOfAll() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      driven.give(0, Fixture.frame(1, "left", 1));
      assertThat(driven.run.outputs()).isEmpty();
      driven.give(1, Fixture.frame(1, "right", 2));
      assertThat(driven.run.outputs())
          .containsExactly(
              Fixture.frame(1, Map.of("left", new double[] {1}, "right", new double[] {2})));
      assertThat(incomplete(context)).isZero();
    }
  }

  @Test
  void ofTwoChannelsWithOneNameThatOfTheLaterInputCountsWhicheverCameFirst() throws Exception {
    for (int first = 0; first < 2; first++) {
      try (var context = context();
          var driven = new Driven(context, "{}")) {
        driven.give(first, Fixture.frame(1, "a", first));
        driven.give(1 - first, Fixture.frame(1, "a", 1 - first));
        assertThat(driven.run.outputs()).containsExactly(Fixture.frame(1, "a", 1));
      }
    }
  }

  @Test
  void withPrefixesNothingIsLost() throws Exception {
    try (var context = new TestNodeContext().fedBy("x", "y", "x");
        var driven = new Driven(context, "{prefix: true}")) {
      for (int input = 0; input < 3; input++) {
        driven.give(input, Fixture.frame(1, "a", input));
      }
      assertThat(driven.run.outputs())
          .containsExactly(
              Fixture.frame(
                  1,
                  Map.of(
                      "x.a",
                      new double[] {0},
                      "y.a",
                      new double[] {1},
                      "x#2.a",
                      new double[] {2})));
    }
  }

  @Test
  void metadataAndTagsOfAllInputsGoOn() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      var left = Samples.of("l", new double[4]).withTags(List.of(new SampleTag(3, "k", "l")));
      var right = Samples.of("r", new double[4]).withTags(List.of(new SampleTag(1, "k", "r")));
      driven.give(0, new Frame(5, 1, left, Metadata.NONE.with("a", "1").with("b", "1")));
      driven.give(1, new Frame(6, 1, right, Metadata.NONE.with("b", "2")));
      var joined = driven.run.outputs().getFirst();
      assertThat(joined.metadata().entries()).isEqualTo(Map.of("a", "1", "b", "2"));
      assertThat(joined.timestampMicros()).isEqualTo(5);
      assertThat(((Samples) joined.body()).tags())
          .containsExactly(new SampleTag(1, "k", "r"), new SampleTag(3, "k", "l"));
    }
  }

  @Test
  void aLaterFrameShowsThatACounterpartWillNotComeAndTheFrameGoesOnAsItIs() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      driven.give(0, Fixture.frame(1, "a", 1), Fixture.frame(2, "a", 2));
      driven.give(1, Fixture.frame(2, "b", 2));
      assertThat(driven.run.outputs()).extracting(Frame::sequence).containsExactly(1L, 2L);
      assertThat(driven.run.outputs().getFirst()).isEqualTo(Fixture.frame(1, "a", 1));
      assertThat(incomplete(context)).isEqualTo(1);
      assertThat(driven.merge.heldFrames()).isZero();
    }
  }

  @Test
  void aFrameWaitsNoLongerThanItMayAndItsCounterpartIsThenTooLate() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{timeout_ms: 50}")) {
      driven.give(0, Fixture.frame(1, "a", 1));
      driven.run.idle();
      context.clock().advance(Duration.ofMillis(49));
      driven.run.idle();
      assertThat(driven.run.outputs()).isEmpty();
      assertThat(driven.merge.heldFrames()).isEqualTo(1);
      context.clock().advance(Duration.ofMillis(1));
      context.awaitWake(Duration.ofSeconds(5));
      driven.run.idle();
      assertThat(driven.run.outputs()).hasSize(1);
      assertThat(incomplete(context)).isEqualTo(1);
      driven.give(1, Fixture.frame(1, "b", 1));
      assertThat(context.rejections()).singleElement().extracting("reason").isEqualTo("late");
      driven.give(0, Fixture.frame(2, "a", 1));
      driven.give(1, Fixture.frame(2, "b", 1));
      assertThat(driven.run.outputs()).hasSize(2);
    }
  }

  @Test
  void whenTooManyWaitTheOldestGoesOn() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{max_pending: 3}")) {
      driven.give(0, Fixture.frames(1, 5).toArray(Frame[]::new));
      assertThat(driven.run.outputs()).extracting(Frame::sequence).containsExactly(1L, 2L);
      assertThat(driven.merge.heldFrames()).isEqualTo(3);
    }
  }

  @Test
  void atTheEndNothingStaysBehind() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      driven.give(0, Fixture.frame(1, "a", 1), Fixture.frame(3, "a", 3));
      driven.run.finish();
      assertThat(driven.run.outputs()).extracting(Frame::sequence).containsExactly(1L, 3L);
      assertThat(incomplete(context)).isEqualTo(2);
    }
  }

  @Test
  void numbersThatBeginAgainAreJoinedAgain() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      for (long sequence : new long[] {0, 9, 0, 0, 4, 1}) {
        driven.give(0, Fixture.frame(sequence, "a", 1));
        driven.give(1, Fixture.frame(sequence, "b", 1));
      }
      assertThat(driven.run.outputs())
          .extracting(Frame::sequence)
          .containsExactly(0L, 9L, 0L, 0L, 4L, 1L);
      assertThat(incomplete(context)).isZero();
    }
  }

  @Test
  void textIsRefusedAndTheOthersDoNotWaitForIt() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      driven.give(0, Fixture.frame(1, "a", 1));
      driven.give(1, new Frame(0, 2, new Body.Text("x"), Metadata.NONE));
      assertThat(context.rejections()).hasSize(1);
      assertThat(driven.run.outputs()).hasSize(1);
    }
  }

  @Test
  void whatWaitsGoesIntoCheckpoints() throws Exception {
    byte[] state;
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      driven.give(0, Fixture.frame(1, "a", 1), Fixture.frame(2, "a", 2));
      driven.give(1, Fixture.frame(1, "b", 1));
      state = Fixture.saved(driven.merge);
    }
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      Fixture.restore(driven.merge, state);
      driven.give(1, Fixture.frame(2, "b", 3));
      assertThat(driven.run.outputs())
          .containsExactly(Fixture.frame(2, Map.of("a", new double[] {2}, "b", new double[] {3})));
    }
  }

  @Test
  void whatIsLentIsKeptAsItWas() throws Exception {
    try (var context = context();
        var driven = new Driven(context, "{}")) {
      try (var lent = context.samples().take(1)) {
        lent.array()[0] = 7;
        driven.give(0, new Frame(1_000, 1, Samples.of("a", lent), Metadata.NONE));
      } // poisoned from here on
      driven.give(1, Fixture.frame(1, "b", 1));
      assertThat(((Samples) driven.run.outputs().getFirst().body()).channel("a"))
          .containsExactly(7);
    }
  }

  /// However inputs take turns, without a timeout the outcome is that of a join of the whole.
  @Test
  void everyInterleavingGivesTheSameJoin() throws Exception {
    for (int seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      int inputs = 1 + random.nextInt(4);
      var given = new ArrayList<List<Long>>();
      var all = new TreeSet<Long>();
      for (int i = 0; i < inputs; i++) {
        var sequences = random.longs(20, 0, 30).sorted().distinct().boxed().toList();
        given.add(sequences);
        all.addAll(sequences);
      }
      var wanted = new ArrayList<Frame>();
      long missing = 0;
      for (long sequence : all) {
        var channels = new HashMap<String, double[]>();
        for (int i = 0; i < inputs; i++) {
          if (given.get(i).contains(sequence)) {
            channels.put("n" + i + ".a", new double[] {(double) sequence});
          }
        }
        missing += channels.size() < inputs ? 1 : 0;
        wanted.add(Fixture.frame(sequence, channels));
      }
      var names = new String[inputs];
      for (int i = 0; i < inputs; i++) {
        names[i] = "n" + i;
      }
      try (var context = new TestNodeContext().fedBy(names);
          var driven = new Driven(context, "{prefix: true}")) {
        var at = new int[inputs];
        for (int left = given.stream().mapToInt(List::size).sum(); left > 0; ) {
          int input = random.nextInt(inputs);
          if (at[input] < given.get(input).size()) {
            long sequence = given.get(input).get(at[input]++);
            driven.give(input, Fixture.frame(sequence, "a", (double) sequence));
            left--;
          }
        }
        driven.run.finish();
        assertThat(driven.run.outputs()).as("seed %d", seed).isEqualTo(wanted);
        assertThat(incomplete(context)).as("seed %d", seed).isEqualTo((double) missing);
        assertThat(context.rejections()).as("seed %d", seed).isEmpty();
      }
    }
  }

  @Test
  void keepsTheContractOfANode() throws Exception {
    var frames = Fixture.frames(1, 100);
    assertThat(NodeHarness.processor(() -> merge("{}")).inputs(frames).check()).isEqualTo(frames);
    NodeHarness.processor(() -> merge("{}")).contexts(MergeTest::context).inputs(frames).check();
  }

  /// A merge between its inputs and its outputs.
  private static final class Driven implements AutoCloseable {
    private final Merge merge;
    private final ProcessorRun run;

    Driven(TestNodeContext context, String config) throws Exception {
      merge = merge(config);
      run = NodeHarness.open(merge, context);
    }

    void give(int input, Frame... frames) throws Exception {
      merge.from(input);
      run.batch(frames);
    }

    @Override
    public void close() {
      run.close();
    }
  }

  private static TestNodeContext context() {
    return new TestNodeContext().fedBy("x", "y");
  }

  private static double incomplete(TestNodeContext context) {
    return context.metrics().count(ControlMetric.MERGE_INCOMPLETE, "test", "node");
  }

  private static Merge merge(String config) {
    return (Merge) Fixture.node(ControlTypes.MERGE, config);
  }
}
