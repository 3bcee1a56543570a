package dev.millrace.signals.file;

/// A line that is no part of any frame; the message says why.
final class BrokenLineException extends Exception {
  BrokenLineException(String why) {
    super(why);
  }
}
