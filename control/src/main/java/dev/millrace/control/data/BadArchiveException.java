package dev.millrace.control.data;

/// An archive is not what a backup is. The message completes "the backup cannot be used: …".
final class BadArchiveException extends Exception {
  BadArchiveException(String what) {
    super(what);
  }
}
