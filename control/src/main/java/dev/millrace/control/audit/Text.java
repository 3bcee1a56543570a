package dev.millrace.control.audit;

/// Foreign text made fit to be kept.
final class Text {
  private Text() {}

  /// The beginning of `text` in at most `longest` characters; `…` at its end says that there was
  /// more. Never cuts a surrogate pair in two: half of one is read differently by every reader.
  static String clipped(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    int end = longest - 1;
    boolean splitsPair = Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
    return text.substring(0, splitsPair ? end - 1 : end) + "…";
  }
}
