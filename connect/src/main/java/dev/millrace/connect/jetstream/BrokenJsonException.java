package dev.millrace.connect.jetstream;

/// Bytes that are not one JSON value within the limits. Carries a few fixed words and a position,
/// never the bytes; made without a stack trace because hostile input makes many.
final class BrokenJsonException extends Exception {
  BrokenJsonException(String what, int position) {
    super(what + " at byte " + position, null, false, false);
  }
}
