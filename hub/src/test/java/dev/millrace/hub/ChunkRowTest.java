package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChunkRowTest {
  private static final int STEPS = 4_000;

  private final MemoryBudget budget = new MemoryBudget(1 << 30);
  private final ChunkRow row = new ChunkRow();
  private final ArrayDeque<Chunk> naive = new ArrayDeque<>();
  private final Stamp stamp = new Stamp();
  private long offset;

  @Test
  void findsAPlaceAsAWalkFromTheFirstWould() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    add(random);
    for (int step = 0; step < STEPS; step++) {
      if (naive.size() > 1 && random.nextInt(3) == 0) {
        row.removeFirst();
        naive.removeFirst().release();
      } else if (naive.size() < 50) {
        add(random);
      }
      long sought = offset - 150 + random.nextInt(200);
      assertThat(row.firstBeyond(sought))
          .as("offset %d, step %d, seed %d", sought, step, seed)
          .isSameAs(walkTo(sought));
    }
    naive.forEach(Chunk::release);
  }

  /// Some have no frames, and between some messages are missing.
  private void add(Random random) {
    offset += random.nextInt(4) == 0 ? random.nextInt(20) : 0;
    var chunk = StressChunks.open(budget, 0);
    for (int frames = random.nextInt(6); frames > 0; frames--) {
      StressChunks.append(chunk, stamp, ++offset);
    }
    row.add(chunk);
    naive.add(chunk);
  }

  private Chunk walkTo(long sought) {
    for (var chunk : naive) {
      int frames = chunk.writtenFrames();
      if (frames > 0 && chunk.offset(frames - 1) > sought) {
        return chunk;
      }
    }
    return naive.getLast();
  }
}
