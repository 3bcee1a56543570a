package dev.millrace.hub;

import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/// So many times the same message, in no more memory than one has. Never changes.
final class Repeated extends AbstractList<Message> implements RandomAccess {
  private final Message message;
  private final int count;

  Repeated(Message message, int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count " + count + " < 0");
    }
    this.message = message;
    this.count = count;
  }

  @Override
  public Message get(int index) {
    Objects.checkIndex(index, count);
    return message;
  }

  @Override
  public int size() {
    return count;
  }

  /// The one that is repeated.
  Message message() {
    return message;
  }
}
