package dev.millrace.control.log;

/// The beginning of a text and how long all of it is, in characters. A log shows [#VISIBLE] of it;
/// a little more is kept so that a secret across the edge is still known for one.
record Clipped(String text, int length) {
  /// Characters of one foreign text that a log shows.
  static final int VISIBLE = 8_192;

  static Clipped of(String whole, int keep) {
    return new Clipped(whole.length() <= keep ? whole : whole.substring(0, keep), whole.length());
  }

  /// `end`, or one less where it would split a surrogate pair.
  static int cutPoint(CharSequence text, int end) {
    return end > 0
            && end < text.length()
            && Character.isHighSurrogate(text.charAt(end - 1))
            && Character.isLowSurrogate(text.charAt(end))
        ? end - 1
        : end;
  }
}
