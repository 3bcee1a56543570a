package dev.millrace.hub;

import java.nio.charset.StandardCharsets;

/// Names of topics with `*` for any run of bytes, also across `:`, and `?` for one byte, both of
/// UTF-8; there is no escape. Safe for use from any thread.
///
/// A pattern is an automaton whose states are bits: bit `s` says that the bytes so far fit the
/// first `s` characters that are no stars. A step takes one word operation per 64 characters of the
/// pattern, whatever the topic's name, so nobody can make matching slow.
public final class TopicPattern {
  private static final int BYTES = 256;
  private static final byte STAR = '*';
  private static final byte ANY = '?';

  private final String text;
  private final int states; // and the last of them accepts
  private final int words;
  private final byte[] rowOf; // by byte; row 0 is for bytes the pattern does not name
  private final long[] steps; // rows of words: the states that a byte leads on from
  private final long[] stays; // states in which a star takes any byte

  private TopicPattern(String text) {
    this.text = text;
    var pattern = text.getBytes(StandardCharsets.UTF_8);
    int single = 0;
    for (byte b : pattern) {
      single += b == STAR ? 0 : 1;
    }
    this.states = single + 1;
    this.words = (states + Long.SIZE - 1) / Long.SIZE;
    this.rowOf = new byte[BYTES];
    int rows = 1;
    for (byte b : pattern) {
      if (b != STAR && b != ANY && rowOf[b & 0xFF] == 0) {
        rowOf[b & 0xFF] = (byte) rows++;
      }
    }
    this.steps = new long[rows * words];
    this.stays = new long[words];
    int state = 0;
    for (byte b : pattern) {
      long bit = 1L << state;
      int word = state / Long.SIZE;
      if (b == STAR) {
        stays[word] |= bit;
      } else {
        for (int row = 0; row < rows; row++) {
          if (b == ANY || row == (rowOf[b & 0xFF] & 0xFF)) {
            steps[row * words + word] |= bit;
          }
        }
        state++;
      }
    }
  }

  public static TopicPattern of(String text) {
    return new TopicPattern(text);
  }

  /// Whether `name` stands for topics rather than being one.
  public static boolean isPattern(String name) {
    return name.indexOf(STAR) >= 0 || name.indexOf(ANY) >= 0;
  }

  public boolean matches(String topic) {
    return matches(topic.getBytes(StandardCharsets.UTF_8));
  }

  boolean matches(byte[] name) {
    var reached = new long[words];
    reached[0] = 1;
    for (byte b : name) {
      int row = (rowOf[b & 0xFF] & 0xFF) * words;
      long carry = 0;
      long any = 0;
      for (int w = 0; w < words; w++) {
        long here = reached[w];
        long on = here & steps[row + w];
        long next = (on << 1) | carry | (here & stays[w]);
        carry = on >>> (Long.SIZE - 1);
        reached[w] = next;
        any |= next;
      }
      if (any == 0) {
        return false;
      }
    }
    int last = states - 1;
    return (reached[last / Long.SIZE] & 1L << last) != 0;
  }

  @Override
  public String toString() {
    return text;
  }
}
