package dev.millrace.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BacklogTest {

  /// Adds ranges as a hub does and writes to a socket that takes any number of bytes; beside it,
  /// one array of everything that was added.
  @Test
  void everythingAddedComesOutOnceAndInOrder() throws IOException {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var pool = new ChunkPool();
    var backlog = new Backlog(pool);
    var expected = new ByteArrayOutputStream();
    var socket = new Trickle(random);
    for (int step = 0; step < 20_000; step++) {
      if (random.nextBoolean() && backlog.bytes() < 8 << 20) {
        var frame = new byte[1 + random.nextInt(4_000)];
        random.nextBytes(frame);
        var chunk = pool.withRoomFor(frame.length);
        int from = chunk.bytes().position();
        chunk.bytes().put(frame);
        backlog.add(chunk, from, from + frame.length);
        expected.write(frame);
      } else {
        backlog.writeTo(socket);
      }
      assertThat(backlog.bytes())
          .as("seed " + seed + ", step " + step)
          .isEqualTo(expected.size() - socket.taken.size());
      assertThat(backlog.isEmpty()).isEqualTo(backlog.bytes() == 0);
    }
    while (!backlog.isEmpty()) {
      backlog.writeTo(socket);
    }
    assertThat(Arrays.equals(socket.taken.toByteArray(), expected.toByteArray()))
        .as("seed " + seed)
        .isTrue();
  }

  @Test
  void aChunkIsUsedAgainWhenNobodyHoldsIt() {
    var pool = new ChunkPool();
    var first = pool.withRoomFor(10);
    first.bytes().put(new byte[10]);
    var backlog = new Backlog(pool);
    backlog.add(first, 0, 10);

    assertThat(pool.withRoomFor(10).bytes().position()).as("held, so appended to").isEqualTo(10);
    backlog.clear();

    assertThat(pool.withRoomFor(10)).isSameAs(first);
    assertThat(first.bytes().position()).isZero();
  }

  /// Takes a few bytes per call, sometimes none.
  private static final class Trickle implements WritableByteChannel {
    final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final Random random;

    Trickle(Random random) {
      this.random = random;
    }

    @Override
    public int write(ByteBuffer bytes) {
      var part = new byte[Math.min(bytes.remaining(), random.nextInt(20_000))];
      bytes.get(part);
      taken.writeBytes(part);
      return part.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
