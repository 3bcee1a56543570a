package dev.millrace.classify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Splits text into words: the whole text in lower case (full Unicode mapping, no locale), then
/// every longest run of word characters. Those are Alphabetic code points, marks (Mn, Mc, Me),
/// decimal digits (Nd), connector punctuation (Pc) and the joiners U+200C and U+200D, as `\w` of
/// Unicode Technical Standard 18, annex C. `Don't` gives `don` and `t`.
///
/// A cursor that yields ranges of its own buffer, so a word costs no object. Not thread-safe.
public final class WordTokenizer {
  private static final int BMP = 0x10000;
  private static final int RETAINED_CHARS = 1 << 16; // a longer text's buffer goes with the text
  private static final long[] WORD_IN_BMP = wordsInBmp();

  private char[] buffer = new char[1_024];
  private int length;
  private int start;
  private int end;

  /// Begins with `text`; the first word comes with [#next].
  public void reset(String text) {
    start = 0;
    end = 0;
    load(text);
    for (int i = 0; i < length; i++) {
      char c = buffer[i];
      if (c >= 0x80) {
        // Beyond ASCII a letter's lower case may depend on its neighbours and be longer.
        load(text.toLowerCase(Locale.ROOT));
        return;
      }
      if (c >= 'A' && c <= 'Z') {
        buffer[i] = (char) (c + ('a' - 'A'));
      }
    }
  }

  /// Moves to the next word; false after the last.
  public boolean next() {
    int at = end;
    while (at < length) {
      int past = pastWordCharacter(at);
      if (past != at) {
        break;
      }
      at++; // the second half of a pair that is no word character is none either
    }
    start = at;
    while (at < length) {
      int past = pastWordCharacter(at);
      if (past == at) {
        break;
      }
      at = past;
    }
    end = at;
    return start < end;
  }

  /// Holds the current word from [#start] to [#end]; valid until the next [#reset], read only.
  public char[] chars() {
    return buffer;
  }

  public int start() {
    return start;
  }

  public int end() {
    return end;
  }

  /// The words of `text` as strings, for training and tools.
  public static List<String> words(String text) {
    var tokenizer = new WordTokenizer();
    var words = new ArrayList<String>();
    tokenizer.reset(text);
    while (tokenizer.next()) {
      words.add(tokenizer.word());
    }
    return words;
  }

  /// The current word.
  String word() {
    return new String(buffer, start, end - start);
  }

  private void load(String text) {
    length = text.length();
    if (buffer.length < length || (buffer.length > RETAINED_CHARS && length <= RETAINED_CHARS)) {
      buffer = new char[Math.max(1_024, length)];
    }
    text.getChars(0, length, buffer, 0);
  }

  /// The index after the word character at `at`, or `at` if none is there.
  private int pastWordCharacter(int at) {
    char c = buffer[at];
    if ((WORD_IN_BMP[c >> 6] & 1L << c) != 0) {
      return at + 1;
    }
    boolean pair =
        Character.isHighSurrogate(c)
            && at + 1 < length
            && Character.isLowSurrogate(buffer[at + 1])
            && isWordCharacter(Character.toCodePoint(c, buffer[at + 1]));
    return pair ? at + 2 : at;
  }

  private static long[] wordsInBmp() {
    var bits = new long[BMP / Long.SIZE];
    for (int c = 0; c < BMP; c++) {
      if (isWordCharacter(c)) {
        bits[c >> 6] |= 1L << c;
      }
    }
    return bits;
  }

  private static boolean isWordCharacter(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.CONNECTOR_PUNCTUATION ->
          true;
      default -> Character.isAlphabetic(codePoint) || codePoint == 0x200C || codePoint == 0x200D;
    };
  }
}
