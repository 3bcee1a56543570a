package dev.millrace.signals.bridge;

import tools.jackson.core.JsonPointer;

/// JSON Pointers in configs. Source: RFC 6901.
final class Pointers {
  private Pointers() {}

  /// The pointer that `text` is.
  ///
  /// @throws IllegalArgumentException with a sentence for an operator, if `text` is none
  static JsonPointer parse(String text) {
    try {
      return JsonPointer.compile(text);
    } catch (IllegalArgumentException broken) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no JSON Pointer; it begins with a slash, as in /record/text",
          broken);
    }
  }
}
