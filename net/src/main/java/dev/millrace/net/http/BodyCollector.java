package dev.millrace.net.http;

import dev.millrace.net.MemoryBudget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// The body of one request as it comes in; grows with what has come, within the shared budget.
/// Confined to the loop.
final class BodyCollector {
  private static final byte[] EMPTY = new byte[0];
  private static final int FIRST_CAPACITY = 1_024;

  /// What became of a piece.
  enum Added {
    TAKEN,
    OVER_LIMIT,
    OUT_OF_MEMORY
  }

  private final MemoryBudget budget;
  private int maxBytes;
  private byte[] bytes = EMPTY;
  private int count;

  BodyCollector(MemoryBudget budget) {
    this.budget = budget;
  }

  /// Begins the body of the next request.
  void begin(int limitBytes) {
    maxBytes = limitBytes;
  }

  Added add(ByteBuf piece) {
    int more = piece.readableBytes();
    if (more > maxBytes - count) {
      return Added.OVER_LIMIT;
    }
    if (more > bytes.length - count && !grow(count + more)) {
      return Added.OUT_OF_MEMORY;
    }
    piece.readBytes(bytes, count, more);
    count += more;
    return Added.TAKEN;
  }

  /// The whole body; the collector is empty again and its share of the budget given back.
  byte[] take() {
    var body = count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    clear();
    return body;
  }

  void clear() {
    budget.release(bytes.length);
    bytes = EMPTY;
    count = 0;
  }

  private boolean grow(int needed) {
    int capacity = Math.max(Math.max(needed, FIRST_CAPACITY), Math.min(bytes.length * 2, maxBytes));
    if (!budget.reserve(capacity - bytes.length)) {
      return false;
    }
    bytes = Arrays.copyOf(bytes, capacity);
    return true;
  }
}
