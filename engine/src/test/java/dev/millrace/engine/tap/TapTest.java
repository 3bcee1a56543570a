package dev.millrace.engine.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.SamplePool;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.core.time.SystemClock;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TapTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final TapHub hub =
      new TapHub(clock, metrics.counter(EngineMetric.TAP_MISSED_FRAMES, "p"));
  private long next = 1;

  @Test
  void aTapShowsWhatLeavesTheNodesItsPatternNames() throws Exception {
    hub.rebuild(Map.of("a", List.of(edge("b", null), edge("c", null)), "b", List.of()));
    try (var nodes = hub.open(TapPattern.parse("a"), TapOptions.DEFAULT);
        var edges = hub.open(TapPattern.parse("a->*"), TapOptions.DEFAULT);
        var none = hub.open(TapPattern.parse("b"), TapOptions.DEFAULT)) {
      make("a", 2);
      assertThat(read(nodes)).containsExactly("a 1", "a 2");
      assertThat(read(edges)).containsExactly("a->b 1", "a->b 2", "a->c 1", "a->c 2");
      assertThat(read(none)).isEmpty();
      assertThat(edges.places()).containsExactly("a->b", "a->c");
    }
    assertThat(hub.point("a").watched()).isFalse();
  }

  @Test
  void aTapOnABranchShowsTheFramesOfThatBranch() throws Exception {
    hub.rebuild(Map.of("a", List.of(edge("b", "yes"), edge("c", "no"))));
    var tap = hub.open(TapPattern.parse("a->b"), TapOptions.DEFAULT);
    var frames = new Frame[] {frame(), frame(), frame()};
    hub.point("a").show(frames, new @Nullable String[] {"yes", "no", null}, 0, 3);
    assertThat(read(tap)).containsExactly("a->b 1", "a->b 3");
  }

  @Test
  void oneFrameInNIsShownOfEachPlaceAlsoWhenAnotherTapComes() throws Exception {
    hub.rebuild(Map.of("a", List.of(), "b", List.of()));
    var tap = hub.open(TapPattern.parse("*"), TapOptions.DEFAULT.withEvery(3));
    make("a", 2);
    hub.open(TapPattern.parse("*"), TapOptions.DEFAULT);
    make("a", 5);
    make("b", 2);
    assertThat(read(tap)).containsExactly("a 1", "a 4", "a 7", "b 8");
  }

  @Test
  void atMostSoManyASecondAreShown() throws Exception {
    hub.rebuild(Map.of("a", List.of()));
    var tap = hub.open(TapPattern.parse("a"), TapOptions.DEFAULT.withPerSecond(10));
    for (int i = 0; i < 200; i++) {
      make("a", 1);
      clock.advance(Duration.ofMillis(10));
    }
    assertThat(read(tap)).hasSize(20);
  }

  @Test
  void aTapEndsByItselfAfterItsLastFrame() throws Exception {
    hub.rebuild(Map.of("a", List.of()));
    var tap = hub.open(TapPattern.parse("a"), TapOptions.DEFAULT.withLimit(3));
    make("a", 10);
    assertThat(tap.ended()).isFalse();
    assertThat(read(tap)).containsExactly("a 1", "a 2", "a 3");
    assertThat(tap.ended()).isTrue();
    assertThat(tap.missed()).isZero();
    assertThat(hub.point("a").watched()).isFalse();
  }

  @Test
  void whatDoesNotFitIsCountedAndTheReaderIsToldWhere() throws Exception {
    hub.rebuild(Map.of("a", List.of()));
    var tap = hub.open(TapPattern.parse("a"), TapOptions.DEFAULT.withQueueFrames(4));
    make("a", 7);
    assertThat(read(tap)).containsExactly("a 1", "a 2", "a 3", "a 4");
    make("a", 1);
    var after = tap.poll(Duration.ZERO);
    assertThat(after).isNotNull();
    assertThat(after.frame().sequence()).isEqualTo(8);
    assertThat(after.missed()).isEqualTo(3);
    assertThat(tap.missed()).isEqualTo(3);
    assertThat(metrics.count(EngineMetric.TAP_MISSED_FRAMES, "p")).isEqualTo(3);
  }

  @Test
  void aTapFindsItsPlacesAgainWhenTheGraphIsBuiltAnew() throws Exception {
    hub.rebuild(Map.of("a", List.of(edge("b", null)), "b", List.of()));
    var tap = hub.open(TapPattern.parse("a->*"), TapOptions.DEFAULT);
    var point = hub.point("a");
    hub.rebuild(Map.of("a", List.of(edge("c", null)), "c", List.of()));
    assertThat(hub.point("a")).isSameAs(point);
    make("a", 1);
    hub.rebuild(Map.of("c", List.of()));
    assertThatThrownBy(() -> hub.point("a")).hasMessageContaining("no node a");
    hub.rebuild(Map.of("a", List.of(edge("b", null))));
    make("a", 1);
    assertThat(read(tap)).containsExactly("a->c 1", "a->b 2");
  }

  @Test
  void aReaderHasSamplesOfItsOwn() throws Exception {
    hub.rebuild(Map.of("a", List.of()));
    var tap = hub.open(TapPattern.parse("a"), TapOptions.DEFAULT);
    var pool = new SamplePool(1, true);
    var buffer = pool.take(1);
    buffer.array()[0] = 5;
    var samples = Samples.of("x", buffer);
    hub.point("a").show(new Frame[] {new Frame(0, 1, samples, Metadata.NONE)}, null, 0, 1);
    buffer.close();
    var event = tap.poll(Duration.ZERO);
    assertThat(event).isNotNull();
    assertThat(event.frame().body()).isEqualTo(Samples.of("x", new double[] {5}));
  }

  @Test
  void noMoreThanSoManyTapsAreOpen() {
    for (int i = 0; i < TapHub.MAX_TAPS; i++) {
      hub.open(TapPattern.parse("a"), TapOptions.DEFAULT);
    }
    assertThatThrownBy(() -> hub.open(TapPattern.parse("a"), TapOptions.DEFAULT))
        .hasMessageContaining("taps are open");
    hub.close();
    assertThat(hub.open(TapPattern.parse("a"), TapOptions.DEFAULT).ended()).isTrue();
  }

  @Test
  void aReaderWaitsAsLongAsItSaysAndIsWokenByAFrameAndByTheEnd() throws Exception {
    try (var real = new SystemClock()) {
      var waking = new TapHub(real, metrics.counter(EngineMetric.TAP_MISSED_FRAMES, "p"));
      waking.rebuild(Map.of("a", List.of()));
      var tap = waking.open(TapPattern.parse("a"), TapOptions.DEFAULT);
      assertThat(tap.poll(Duration.ofMillis(1))).isNull();
      assertThat(tap.ended()).isFalse();
      for (boolean end : new boolean[] {false, true}) {
        var read = new CompletableFuture<@Nullable TapEvent>();
        var reader =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        read.complete(tap.poll(PATIENCE));
                      } catch (InterruptedException interrupted) {
                        read.completeExceptionally(interrupted);
                      }
                    });
        Await.until(
            "the reader waits",
            () ->
                reader.getState() == Thread.State.WAITING
                    || reader.getState() == Thread.State.TIMED_WAITING);
        if (end) {
          waking.close();
        } else {
          waking.point("a").show(new Frame[] {frame()}, null, 0, 1);
        }
        assertThat(read.get() == null).isEqualTo(end);
        reader.join();
      }
      assertThat(tap.ended()).isTrue();
    }
  }

  @Test
  void oneOfManyNodesOfAFusedChainIsWatchedWithoutSplittingIt() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(3_000));
      engine.transforms("pass", Each::passing);
      engine.transform(
          "odd",
          new Each(
              (frame, out) -> {
                if (frame.sequence() % 2 == 1) {
                  out.emit(frame);
                }
              }));
      engine.sink("sink", new Collecting());
      var pipeline = engine.pipeline("{}", "numbers -> pass -> odd -> sink");
      assertThat(pipeline.graph().chains()).hasSize(1);
      var options = TapOptions.DEFAULT.withQueueFrames(8_192);
      var odd = pipeline.tap("odd", options);
      var edge = pipeline.tap("numbers->pass", options);
      var sink = pipeline.tap("sink", options);
      pipeline.start();
      pipeline.awaitEnd();

      assertThat(sequences(odd))
          .isEqualTo(LongStream.rangeClosed(1, 3_000).filter(n -> n % 2 == 1).boxed().toList());
      assertThat(sequences(edge)).isEqualTo(LongStream.rangeClosed(1, 3_000).boxed().toList());
      assertThat(sequences(sink)).as("nothing leaves it").isEmpty();
      assertThat(odd.ended()).isTrue();
    }
  }

  @Test
  void aTapThatNobodyReadsHoldsNothingUp() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(200_000));
      var sink = engine.sink("sink", new Collecting());
      var pipeline = engine.pipeline("{\"fusion\":\"off\"}", "numbers -> sink");
      var tap = pipeline.tap("*", TapOptions.DEFAULT.withQueueFrames(2));
      pipeline.start();
      pipeline.awaitEnd();

      assertThat(sink.count()).isEqualTo(200_000);
      assertThat(tap.missed()).isEqualTo(200_000 - 2);
    }
  }

  @Test
  void aTapThatComesAndGoesWhileFramesFlowShowsARunWithoutGaps() throws Exception {
    try (var engine = new EngineFixture()) {
      engine.source("numbers", new Numbers(Long.MAX_VALUE));
      engine.sink("sink", new Each((frame, out) -> {}));
      var pipeline = engine.pipeline("{}", "numbers -> sink");
      pipeline.start();
      for (int i = 0; i < 20; i++) {
        try (var tap = pipeline.tap("numbers", TapOptions.DEFAULT.withLimit(500))) {
          var seen = sequences(tap);
          assertThat(seen).hasSize(500);
          assertThat(seen.getLast() - seen.getFirst()).isEqualTo(499 + tap.missed());
        }
      }
    }
  }

  private static List<Long> sequences(Tap tap) throws InterruptedException {
    var sequences = new ArrayList<Long>();
    while (!tap.ended()) {
      var event = tap.poll(PATIENCE);
      if (event != null) {
        sequences.add(event.frame().sequence());
      }
    }
    return sequences;
  }

  private static List<String> read(Tap tap) throws InterruptedException {
    var lines = new ArrayList<String>();
    for (var event = next(tap); event != null; event = next(tap)) {
      lines.add(event.place() + " " + event.frame().sequence());
    }
    return lines;
  }

  private static @Nullable TapEvent next(Tap tap) throws InterruptedException {
    return tap.poll(Duration.ZERO);
  }

  private void make(String node, int count) {
    var frames = new Frame[count];
    for (int i = 0; i < count; i++) {
      frames[i] = frame();
    }
    if (hub.point(node).watched()) {
      hub.point(node).show(frames, null, 0, count);
    }
  }

  private Frame frame() {
    return Frame.trigger(0, next++);
  }

  private static TapEdge edge(String to, @Nullable String branch) {
    return new TapEdge(to, branch);
  }
}
