package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.fixture.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TraceSamplerTest {
  private final AtomicInteger every = new AtomicInteger();
  private final Tracing tracing = new Tracing("p", every::get);
  private final Stage source =
      new Stage(
          "source",
          new Numbers(0),
          new NodeStats(new Metrics(), "p", "source"),
          new FakeClock(),
          tracing);
  private final TraceSampler sampler = new TraceSampler(source);
  private long sequence;

  @Test
  void oneInSoManyIsTracedHoweverThePollsFall() {
    every.set(10);
    var traced = new ArrayList<Long>();
    for (int size : new int[] {3, 0, 20, 7, 1, 64, 5}) {
      for (var frame : poll(size, Metadata.NONE)) {
        if (idOf(frame) != null) {
          traced.add(frame.sequence());
        }
      }
    }
    assertThat(traced).containsExactly(10L, 20L, 30L, 40L, 50L, 60L, 70L, 80L, 90L, 100L);
  }

  @Test
  void offMeansNoFrameIsTouched() {
    for (var frame : poll(200, Metadata.NONE)) {
      assertThat(frame.metadata()).isSameAs(Metadata.NONE);
    }
  }

  @Test
  void nobodyNeedsToLookAtFramesUntilOneBearsAnId() {
    poll(100, Metadata.NONE);
    poll(100, new Metadata(Map.of("language", "is")));
    assertThat(tracing.begun()).isFalse();
    poll(1, new Metadata(Map.of("trace_id", "request-7")));
    assertThat(tracing.begun()).isTrue();
  }

  @Test
  void aSampledFrameBeginsTheTracing() {
    every.set(50);
    poll(49, Metadata.NONE);
    assertThat(tracing.begun()).isFalse();
    poll(1, Metadata.NONE);
    assertThat(tracing.begun()).isTrue();
  }

  @Test
  void idsAreSixteenHexDigitsAndDiffer() {
    every.set(1);
    var ids = new HashSet<String>();
    for (var frame : poll(1_000, Metadata.NONE)) {
      assertThat(idOf(frame)).matches("[0-9a-f]{16}");
      ids.add(String.valueOf(idOf(frame)));
    }
    assertThat(ids).hasSize(1_000);
  }

  @Test
  void aFrameThatBringsAnIdKeepsItAndOtherMetadataStays() {
    every.set(1);
    assertThat(poll(1, new Metadata(Map.of("trace_id", "request-7"))))
        .allMatch(frame -> "request-7".equals(idOf(frame)));
    var frame = poll(1, new Metadata(Map.of("language", "is"))).getFirst();
    assertThat(frame.metadata().entries()).containsEntry("language", "is").containsKey("trace_id");
  }

  @Test
  void aRandomWalkTracesWhatANaiveCountWould() {
    for (long seed = 1; seed <= 100; seed++) {
      var random = new Random(seed);
      var walked = new TraceSampler(source);
      int count = 0;
      for (int step = 0; step < 200; step++) {
        if (random.nextInt(20) == 0) {
          every.set(random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(150));
        }
        int before = emit(random.nextInt(10), Metadata.NONE); // what an earlier poll left
        int size = random.nextInt(100);
        int from = before + emit(size, Metadata.NONE);
        walked.sample(before);
        for (int i = 0; i < from; i++) {
          boolean due = false;
          if (i >= before && every.get() > 0 && ++count >= every.get()) {
            due = true;
            count = 0;
          }
          assertThat(idOf(source.out().frames()[i]) != null)
              .as("seed %s step %s frame %s of %s", seed, step, i, from)
              .isEqualTo(due);
        }
        source.out().clear();
      }
    }
  }

  private List<Frame> poll(int size, Metadata metadata) {
    source.out().clear();
    emit(size, metadata);
    sampler.sample(0);
    return List.of(Arrays.copyOf(source.out().frames(), size));
  }

  private int emit(int size, Metadata metadata) {
    var out = source.out();
    out.beginCalls(1_000);
    for (int i = 0; i < size; i++) {
      out.emit(Frame.trigger(0, ++sequence).withMetadata(metadata));
    }
    out.endCalls();
    return size;
  }

  private static @Nullable String idOf(Frame frame) {
    return frame.metadata().entries().get("trace_id");
  }
}
