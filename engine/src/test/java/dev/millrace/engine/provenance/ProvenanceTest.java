package dev.millrace.engine.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.time.FakeClock;
import dev.millrace.engine.provenance.ProvenanceEvent.Kind;
import dev.millrace.engine.tap.TapEdge;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
  private final AtomicLong room = new AtomicLong(1 << 20);
  private final Provenance provenance = new Provenance(new FakeClock(), room::get);

  @Test
  void onlyTheLatestEventsAreKept() {
    for (int i = 0; i < Provenance.MOST_EVENTS + 10; i++) {
      provenance.dropped("a", "b", "t" + i % 2, Frame.trigger(0, i), "overflow: drop_oldest");
    }

    var all = provenance.events(null, Integer.MAX_VALUE);
    assertThat(all).hasSize(Provenance.MOST_EVENTS);
    assertThat(all.getFirst().sequence()).isEqualTo(10);
    assertThat(provenance.events("t1", 2))
        .extracting(ProvenanceEvent::sequence)
        .containsExactly(Provenance.MOST_EVENTS + 7L, Provenance.MOST_EVENTS + 9L);
  }

  @Test
  void aForkNamesTheNodesThatTheFramesBranchLeadsTo() {
    provenance.rebuild(
        Map.of(
            "a",
            List.of(new TapEdge("x", null), new TapEdge("y", "left"), new TapEdge("z", "right"))));
    var frame = Frame.trigger(0, 1);
    provenance.processed(
        "a", "t", frame, new Frame[] {frame, frame}, new String[] {"left", null}, 0, 2);

    var events = provenance.events("t", 10);
    assertThat(events)
        .extracting(ProvenanceEvent::kind)
        .containsExactly(Kind.PROCESSED, Kind.FORKED, Kind.FORKED);
    assertThat(events).extracting(ProvenanceEvent::to).containsExactly(null, "x, y", "x, y, z");
    assertThat(events).extracting(ProvenanceEvent::frames).containsExactly(2, 2, 3);
  }

  @Test
  void withoutRoomNothingIsKept() {
    room.set(0);
    provenance.rebuild(Map.of("a", List.of(new TapEdge("x", null))));
    provenance.created("a", "t", Frame.trigger(0, 1), null);

    assertThat(provenance.kept("t", "a")).isNull();
    assertThat(provenance.events("t", 10)).hasSize(1);
  }

  /// Frames of random sizes under a few keys, beside a map that is searched anew each time.
  @Test
  void copiesStayWithinTheirBytesTheOldestGoingFirst() {
    for (long seed = 1; seed <= 100; seed++) {
      var random = new Random(seed);
      long most = 500L + random.nextInt(4_000);
      var kept = new KeptFrames();
      var model = new LinkedHashMap<String, Frame>();
      for (int step = 0; step < 200; step++) {
        var trace = String.valueOf(random.nextInt(6));
        var frame =
            Frame.trigger(0, step).withBody(Samples.of("x", new double[random.nextInt(300)]));
        kept.keep(trace, "n", frame, most);
        model.remove(trace);
        while (!model.isEmpty() && bytes(model) + KeptFrames.size(frame) > most) {
          model.remove(model.keySet().iterator().next());
        }
        if (bytes(model) + KeptFrames.size(frame) <= most) {
          model.put(trace, frame);
        }
        var about = "seed " + seed + ", step " + step;
        assertThat(kept.bytes()).as(about).isEqualTo(bytes(model)).isLessThanOrEqualTo(most);
        for (int i = 0; i < 6; i++) {
          assertThat(kept.find(String.valueOf(i), "n"))
              .as(about)
              .isSameAs(model.get(String.valueOf(i)));
        }
      }
    }
  }

  private static long bytes(Map<String, Frame> model) {
    return model.values().stream().mapToLong(KeptFrames::size).sum();
  }
}
