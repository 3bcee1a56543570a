package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutputTest {

  @Test
  void whatIsMadeLaterNeverShowsInABatchThatWasSent() {
    for (long seed = 1; seed <= 200; seed++) {
      walk(seed);
    }
  }

  @Test
  void aFewFramesDoNotGoOnInALargeArray() {
    var pending = new Collector();
    var channel = new Channel(100, () -> {}, () -> {});
    var output = new Output(List.of(new Outgoing(channel, null)), pending);

    make(pending, 0, 3);
    assertThat(output.flush()).isTrue();

    assertThat(Objects.requireNonNull(channel.poll()).frames()).hasSize(3);
  }

  @Test
  void aBarrierWaitsForRoomBehindAllThatWasMadeAndHoldsUpWhatComes() {
    var pending = new Collector();
    var channel = new Channel(3, () -> {}, () -> {});
    var other = new Channel(100, () -> {}, () -> {});
    var output =
        new Output(List.of(new Outgoing(channel, null), new Outgoing(other, null)), pending);
    make(pending, 0, 4);
    output.barrier(9);

    assertThat(output.flush()).isFalse();
    assertThat(output.makeRoom()).isFalse();
    assertThat(Objects.requireNonNull(channel.poll()).size()).isEqualTo(3);
    channel.release(3, 3);
    assertThat(output.makeRoom()).isTrue();

    assertThat(Objects.requireNonNull(channel.poll()).barrier()).isZero();
    assertThat(Objects.requireNonNull(channel.poll()).barrier()).isEqualTo(9);
    assertThat(channel.poll()).isNull();
    assertThat(other.totalFrames()).isEqualTo(4);
  }

  /// Frames are made and sent in pieces of any size; the batches are looked at only at the end.
  private static void walk(long seed) {
    var random = new Random(seed);
    var pending = new Collector();
    int capacity = 1 + random.nextInt(300);
    var channel = new Channel(capacity, () -> {}, () -> {});
    var output = new Output(List.of(new Outgoing(channel, null)), pending);
    var taken = new ArrayList<Batch>();
    int made = 0;
    for (int step = 0; step < 200; step++) {
      int count = random.nextInt(100);
      make(pending, made, count);
      made += count;
      output.flushFull();
      if (random.nextInt(4) == 0) {
        var _ = output.flush();
      }
      if (random.nextInt(2) == 0) {
        takeAll(channel, taken);
      }
    }
    while (!output.flush()) {
      takeAll(channel, taken);
    }
    takeAll(channel, taken);

    var about = "seed " + seed;
    long next = 0;
    for (var batch : taken) {
      assertThat(batch.size()).as(about).isBetween(1, Math.min(capacity, Batch.MAX_FRAMES));
      for (int i = 0; i < batch.size(); i++) {
        assertThat(batch.frames()[i].sequence()).as(about).isEqualTo(next++);
      }
    }
    assertThat(next).as(about).isEqualTo(made);
  }

  private static void make(Collector pending, int from, int count) {
    pending.beginCalls(count);
    for (int i = 0; i < count; i++) {
      pending.emit(Frame.trigger(0, from + i));
    }
    pending.endCalls();
  }

  private static void takeAll(Channel channel, List<Batch> taken) {
    for (var batch = channel.poll(); batch != null; batch = channel.poll()) {
      taken.add(batch);
      channel.release(batch.credit(), batch.size());
    }
  }
}
