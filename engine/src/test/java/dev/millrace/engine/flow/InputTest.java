package dev.millrace.engine.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.frame.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InputTest {

  @Test
  void nothingIsTakenFromAnEdgeWhoseBarrierHasComeUntilTheOthersHaveBroughtIt() {
    var left = channel();
    var right = channel();
    var input = input(left, right);
    left.send(frames(1));
    left.send(Batch.ofBarrier(5));
    left.send(frames(2));
    right.send(frames(11));
    right.send(frames(12));

    assertThat(all(input)).containsExactlyInAnyOrder(1L, 11L, 12L);
    assertThat(input.aligning()).isEqualTo(5);
    assertThat(input.aligned()).isFalse();
    assertThat(input.waits()).isFalse();

    right.send(Batch.ofBarrier(5));
    right.send(frames(13));
    assertThat(all(input)).isEmpty();
    assertThat(input.aligned()).isTrue();
    input.goOn();
    assertThat(all(input)).containsExactlyInAnyOrder(2L, 13L);
  }

  @Test
  void anEdgeThatHasEndedIsNotWaitedFor() {
    var left = channel();
    var right = channel();
    var input = input(left, right);
    left.send(Batch.ofBarrier(5));
    right.send(frames(11));
    right.end();
    left.end();
    assertThat(all(input)).containsExactly(11L);
    assertThat(input.aligned()).isTrue();
  }

  @Test
  void aBatchInHandComesBeforeTheCut() {
    var left = channel();
    var right = channel();
    var input = input(left, right);
    left.send(Batch.ofBarrier(5));
    right.send(frames(11, 12));
    right.end();
    var hand = Objects.requireNonNull(takeOne(input));
    input.done(hand, 1);
    assertThat(input.aligned()).isFalse();
    input.done(hand, 1);
    assertThat(input.aligned()).isTrue();
  }

  @Test
  void aBarrierOfANewerCheckpointTakesThePlaceOfAnOlderOne() {
    var left = channel();
    var right = channel();
    var input = input(left, right);
    left.send(Batch.ofBarrier(5));
    assertThat(all(input)).isEmpty();
    right.send(Batch.ofBarrier(6));
    right.send(frames(11));
    left.send(frames(1));
    left.send(Batch.ofBarrier(6));
    assertThat(all(input)).containsExactly(1L);
    assertThat(input.aligning()).isEqualTo(6);
    assertThat(input.aligned()).isTrue();
  }

  /// Beside a naive model: per edge, the frames before each barrier.
  @Test
  void everyCutIsTheSameOnAllEdges() {
    for (long seed = 1; seed <= 300; seed++) {
      var random = new Random(seed);
      int edges = 1 + random.nextInt(4);
      var channels = new ArrayList<Channel>();
      for (int i = 0; i < edges; i++) {
        channels.add(channel());
      }
      var input = input(channels.toArray(Channel[]::new));
      var sent = new long[edges]; // barriers
      long cuts = 0;
      for (int step = 0; step < 400; step++) {
        int edge = random.nextInt(edges);
        switch (random.nextInt(3)) {
          case 0 -> channels.get(edge).send(frames(sent[edge] * 1_000 + edge));
          case 1 -> {
            if (sent[edge] < cuts + 1) {
              channels.get(edge).send(Batch.ofBarrier(++sent[edge]));
            }
          }
          default -> {
            for (long frame : all(input)) {
              assertThat(frame / 1_000).as("cut of a frame, seed %d", seed).isEqualTo(cuts);
            }
            if (input.aligned()) {
              assertThat(sent).as("seed %d", seed).containsOnly(++cuts);
              input.goOn();
            }
          }
        }
      }
      assertThat(cuts).as("seed %d", seed).isPositive();
    }
  }

  private static Channel channel() {
    return new Channel(1_000, () -> {}, () -> {});
  }

  private static Input input(Channel... edges) {
    var reaching = new int[edges.length][0];
    return new Input(List.of(edges), reaching, new boolean[edges.length], new Collector());
  }

  private static Batch frames(long... sequences) {
    var frames = new Frame[sequences.length];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = Frame.trigger(0, sequences[i]);
    }
    return new Batch(frames, frames.length, null, 0, -1);
  }

  private static List<Long> all(Input input) {
    var sequences = new ArrayList<Long>();
    while (input.waits()) {
      var batch = input.take();
      if (batch != null) {
        for (int i = 0; i < batch.size(); i++) {
          sequences.add(batch.frames()[i].sequence());
        }
        input.done(batch, batch.size());
      }
    }
    return sequences;
  }

  private static @Nullable Batch takeOne(Input input) {
    Batch taken = null;
    while (taken == null && input.waits()) {
      taken = input.take();
    }
    return taken;
  }
}
