package dev.millrace.control.log;

/// How a record is written. Confined to whoever writes.
sealed interface LineForm permits JsonLines, TextLines {

  /// Appends `record`, cleaned by `redactor`, as whole lines.
  void write(LogRecord record, Redactor redactor, StringBuilder out);
}
