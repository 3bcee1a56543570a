package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Execution;
import dev.millrace.core.trace.Correlation;
import dev.millrace.engine.fixture.Clicks;
import dev.millrace.engine.fixture.Collecting;
import dev.millrace.engine.fixture.Each;
import dev.millrace.engine.fixture.EngineFixture;
import dev.millrace.engine.fixture.Numbers;
import dev.millrace.engine.pipeline.ReplayOutcome.Reason;
import dev.millrace.engine.pipeline.ReplayOutcome.Refused;
import dev.millrace.engine.pipeline.ReplayOutcome.Replayed;
import dev.millrace.engine.provenance.ProvenanceEvent;
import dev.millrace.engine.schedule.EngineSpec;
import dev.millrace.testkit.Await;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What became of traced frames, and frames that are put in once more.
@Timeout(60)
class ProvenanceOfFramesTest {
  private final EngineFixture engine = new EngineFixture();

  @AfterEach
  void stop() {
    engine.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aTracedFrameIsFollowedFromItsSourceToItsSinks(String fusion) throws Exception {
    engine.transform("in", Each.passing());
    engine.transform(
        "twice",
        new Each(
            (frame, outlet) -> {
              outlet.emit(frame);
              outlet.emit(frame);
            }));
    engine.sink("one", new Collecting());
    engine.sink("other", new Collecting());
    var pipeline = start(settings(fusion, ""), "in -> one", "in -> twice -> other");
    pipeline.trigger(traced(1, "t1"));
    pipeline.trigger(traced(2, "t2"));
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);

    assertThat(pipeline.provenance("t2", 100).stream().map(ProvenanceOfFramesTest::brief))
        .containsExactlyInAnyOrder(
            "CREATED in",
            "FORKED in->one, twice",
            "PROCESSED in 1",
            "FORKED in->one, twice",
            "DELIVERED one 0",
            "PROCESSED twice 2",
            "DELIVERED other 0",
            "DELIVERED other 0");
  }

  @Test
  void withoutTracedFramesNothingIsNoted() throws Exception {
    engine.source("a", new Numbers(1_000));
    engine.sink("b", new Collecting());
    var pipeline = start("{}", "a -> b");
    pipeline.awaitEnd();

    assertThat(pipeline.provenance(null, 100)).isEmpty();
  }

  @Test
  void sampledFramesAreNoted() throws Exception {
    engine.runtime.apply(EngineSpec.DEFAULT.withTraceEvery(10));
    engine.source("a", new Numbers(100));
    engine.sink("b", new Collecting());
    var pipeline = start("{}", "a -> b");
    pipeline.awaitEnd();

    var events = pipeline.provenance(null, 100);
    assertThat(events).hasSize(20);
    assertThat(events.stream().map(ProvenanceEvent::sequence).distinct())
        .containsExactly(10L, 20L, 30L, 40L, 50L, 60L, 70L, 80L, 90L, 100L);
  }

  @Test
  void whatIsLostSaysWhy() throws Exception {
    engine.transform("in", Each.passing());
    engine.transform(
        "fails",
        new Each(
            (frame, outlet) -> {
              if (frame.sequence() == 1) {
                throw new IllegalStateException("as told");
              }
              outlet.emit(frame.withBody(Samples.of("x", new double[9])));
            }));
    engine.sink("letters", new Collecting());
    engine.sink("out", new Collecting());
    var document =
        "{\"pipeline_config\":{\"max_frame_samples\":5},\"nodes\":["
            + "{\"id\":\"in\",\"type\":\"in\"},"
            + "{\"id\":\"fails\",\"type\":\"fails\",\"error_policy\":\"SkipFrame\","
            + "\"dead_letter\":\"letters\"},"
            + "{\"id\":\"letters\",\"type\":\"letters\"},{\"id\":\"out\",\"type\":\"out\"}],"
            + "\"connections\":[{\"from\":\"in\",\"to\":\"fails\"},"
            + "{\"from\":\"fails\",\"to\":\"out\"}]}";
    var pipeline = engine.pipeline(engine.read(document));
    pipeline.start();
    pipeline.trigger(traced(1, "t1"));
    pipeline.trigger(traced(2, "t2"));
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);

    assertThat(pipeline.provenance("t1", 100).stream().map(ProvenanceOfFramesTest::brief))
        .contains(
            "DEAD_LETTERED fails: as told",
            "DROPPED fails: policy: as told",
            "DELIVERED letters 0");
    assertThat(pipeline.provenance("t2", 100).stream().map(ProvenanceOfFramesTest::brief))
        .contains(
            "DROPPED fails: limit: a frame it made has 9 samples; max_frame_samples allows 5");
  }

  @Test
  void whatAnEdgeDropsIsNotedThere() throws Exception {
    engine.source("a", new Clicks(0, false));
    var sink = engine.sink("b", new Collecting().stopped());
    var document =
        "{\"nodes\":[{\"id\":\"a\",\"type\":\"a\"},{\"id\":\"b\",\"type\":\"b\"}],"
            + "\"connections\":[{\"from\":\"a\",\"to\":\"b\",\"strategy\":\"drop_newest\","
            + "\"capacity\":1}]}";
    var pipeline = engine.pipeline(engine.read(document));
    pipeline.start();
    pipeline.trigger(traced(1, "t1"));
    pipeline.trigger(traced(2, "t2"));
    Await.until("it is dropped", () -> pipeline.provenance("t2", 9).size() == 2);
    sink.resume();
    assertThat(pipeline.drain()).isInstanceOf(DrainReport.Clean.class);

    assertThat(pipeline.provenance("t2", 9).stream().map(ProvenanceOfFramesTest::brief))
        .containsExactly("CREATED a", "DROPPED a->b: overflow: drop_newest");
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "off"})
  void aFrameIsPutInFrontOfANodeOnceMore(String fusion) throws Exception {
    engine.transform("in", Each.passing());
    engine.transform("mid", Each.passing());
    var sink = engine.sink("out", new Collecting());
    var pipeline = start(settings(fusion, ""), "in -> mid -> out");
    pipeline.trigger(traced(1, "t1"));
    Await.until("it arrives", () -> sink.count() == 1);

    for (var edge : List.of("in mid", "mid out")) {
      int before = sink.count();
      var ends = edge.split(" ", -1);
      assertThat(pipeline.replay(ends[0], ends[1], Frame.trigger(5, 7)))
          .isInstanceOfSatisfying(
              Replayed.class,
              replayed -> {
                Await.until("it arrives", () -> sink.count() == before + 1);
                var last = sink.frames().getLast();
                assertThat(last.sequence()).isEqualTo(7);
                assertThat(last.metadata().entries())
                    .containsEntry("replayed", "true")
                    .containsEntry(Correlation.METADATA_KEY, replayed.trace());
              });
      assertThat(pipeline.replay(ends[0], ends[1], "t1")).isInstanceOf(Replayed.class);
      Await.until("the kept one arrives", () -> sink.count() == before + 2);
      assertThat(sink.frames().getLast().sequence()).isEqualTo(1);
    }
    assertThat(pipeline.snapshot().nodes().get(1).framesIn()).isGreaterThanOrEqualTo(3);
    assertThat(pipeline.drain()).isEqualTo(new DrainReport.Clean(5));
  }

  @Test
  void aReplayThatCannotBeIsRefusedWithASentence() throws Exception {
    engine.source("a", new Clicks(0, false));
    engine.sink("b", new Collecting(Execution.INLINE).stopped());
    var pipeline = engine.pipeline(settings("off", ",\"max_frame_samples\":2"), "a -> b");
    var frame = Frame.trigger(0, 1);
    assertThat(refusal(pipeline.replay("a", "b", frame))).isEqualTo(Reason.NOT_RUNNING);
    pipeline.start();

    assertThat(refusal(pipeline.replay("b", "a", frame))).isEqualTo(Reason.UNKNOWN);
    assertThat(refusal(pipeline.replay("a", "c", frame))).isEqualTo(Reason.UNKNOWN);
    assertThat(refusal(pipeline.replay("a", "b", "gone"))).isEqualTo(Reason.UNKNOWN);
    assertThat(refusal(pipeline.replay("a", "b", frame.withBody(Samples.of("x", new double[3])))))
        .isEqualTo(Reason.BAD_FRAME);
    int taken = 0;
    while (pipeline.replay("a", "b", frame) instanceof Replayed) {
      taken++;
    }
    assertThat(taken).isBetween(1, 100);
    assertThat(refusal(pipeline.replay("a", "b", frame))).isEqualTo(Reason.FULL);
    pipeline.close();
    assertThat(refusal(pipeline.replay("a", "b", frame))).isEqualTo(Reason.NOT_RUNNING);
  }

  private static Reason refusal(ReplayOutcome outcome) {
    assertThat(outcome).isInstanceOf(Refused.class);
    var refused = (Refused) outcome;
    assertThat(refused.sentence()).isNotBlank();
    return refused.reason();
  }

  private static String brief(ProvenanceEvent event) {
    var at = event.kind() + " " + event.node() + (event.to() == null ? "" : "->" + event.to());
    return switch (event.kind()) {
      case PROCESSED, DELIVERED -> at + " " + event.frames();
      case CREATED, FORKED, REPLAYED -> at;
      case DROPPED, DEAD_LETTERED -> at + ": " + event.why();
    };
  }

  private Pipeline start(String settings, String... paths) throws Exception {
    var pipeline = engine.pipeline(settings, paths);
    pipeline.start();
    return pipeline;
  }

  private static String settings(String fusion, String more) {
    return "{\"fusion\":\"" + fusion + "\"" + more + "}";
  }

  private static Frame traced(long sequence, String trace) {
    return Frame.trigger(0, sequence)
        .withMetadata(new Metadata(Map.of(Correlation.METADATA_KEY, trace)));
  }
}
