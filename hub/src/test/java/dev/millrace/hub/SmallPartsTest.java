package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.spec.Spec;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SmallPartsTest {
  @Test
  void anIndexEntryKeepsAllItsParts() {
    var entry = FrameIndex.entry(FrameIndex.MAX_START, Priority.CRITICAL, FrameIndex.MAX_TYPE, 77);
    assertThat(FrameIndex.start(entry)).isEqualTo(FrameIndex.MAX_START);
    assertThat(FrameIndex.priority(entry)).isEqualTo(Priority.CRITICAL);
    assertThat(FrameIndex.type(entry)).isEqualTo(FrameIndex.MAX_TYPE);
    assertThat(FrameIndex.timestampAt(entry)).isEqualTo(77);
    assertThat(FrameIndex.timestampAt(FrameIndex.entry(0, Priority.LOW, 0, -1))).isEqualTo(-1);
    assertThat(FrameIndex.timestampAt(FrameIndex.entry(0, Priority.LOW, 0, 70_000))).isEqualTo(-1);
  }

  @Test
  void idsAreVersionSevenAndGrowEvenWithinAMillisecond() {
    var ids = new IdSource(new SplittableRandom(1));
    UUID last = new UUID(0, 0);
    for (int i = 0; i < 10_000; i++) {
      ids.next(1_750_000_000_000L + i / 6_000);
      var id = new UUID(ids.high(), ids.low());
      assertThat(id.version()).isEqualTo(7);
      assertThat(id.variant()).isEqualTo(2);
      assertThat(id.getMostSignificantBits()).isGreaterThan(last.getMostSignificantBits());
      last = id;
    }
  }

  @Test
  void prioritiesAreFoundByNameAndByNearestLevel() {
    assertThat(Priority.named("High")).contains(Priority.HIGH);
    assertThat(Priority.named("urgent")).isEmpty();
    assertThat(Priority.nearest(4)).isEqualTo(Priority.NORMAL);
    assertThat(Priority.nearest(9)).isEqualTo(Priority.CRITICAL);
    assertThat(Priority.nearest(-5)).isEqualTo(Priority.BACKGROUND);
    assertThat(Priority.nearest(Integer.MAX_VALUE)).isEqualTo(Priority.CRITICAL);
    assertThat(Priority.LOW.level()).isEqualTo(3);
  }

  @Test
  void aChunkRefusesToBeUsedAfterItWasFreed() {
    var budget = new MemoryBudget(10);
    var chunk = new Chunk(budget, 0, 0);
    chunk.open(100);
    assertThat(budget.overdrawn()).isTrue();
    chunk.release();
    assertThat(budget.used()).isZero();
    assertThatThrownBy(chunk::retain).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(chunk::release).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theDefaultsAreThoseOfAServer() {
    var spec = HubSpec.defaults();
    assertThat(spec.maxConnections()).isEqualTo(100_000);
    assertThat(spec.rateLimit()).isEqualTo(new HubSpec.RateLimit(100_000, 10_000));
    assertThat(Spec.of(HubSpec.class).keys())
        .allSatisfy(key -> assertThat(key.about()).isNotEmpty());
    assertThat(HubMetric.values())
        .allSatisfy(metric -> assertThat(metric.metricName()).startsWith("millrace_hub_"));
  }
}
