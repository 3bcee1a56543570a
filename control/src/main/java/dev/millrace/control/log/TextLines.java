package dev.millrace.control.log;

import org.slf4j.event.Level;

/// Lines for people: time, level, component, message, `key=value` pairs, the request in brackets,
/// and beneath them the stack of what was thrown.
final class TextLines implements LineForm {
  private static final String RESET = "\u001b[0m";

  private final Timestamps timestamps;
  private final boolean colours;

  private TextLines(Timestamps timestamps, boolean colours) {
    this.timestamps = timestamps;
    this.colours = colours;
  }

  /// For a terminal: local time of day.
  static TextLines forTerminal(boolean colours) {
    return new TextLines(Timestamps.localTimeOfDay(), colours);
  }

  /// For files and pipes: date and time in UTC, no colours.
  static TextLines forFile() {
    return new TextLines(Timestamps.utc(), false);
  }

  @Override
  public void write(LogRecord record, Redactor redactor, StringBuilder out) {
    timestamps.write(record.at(), out);
    out.append(' ');
    level(record.level(), out);
    out.append(' ');
    Escapes.plain(record.target(), out);
    out.append(' ');
    Escapes.plain(redactor.visible(record.message()), out);
    for (var field : record.fields()) {
      out.append(' ');
      word(redactor.visibleKey(field), out);
      out.append('=');
      word(redactor.visible(field), out);
    }
    if (record.requestId() != null) {
      out.append(" [");
      Escapes.plain(redactor.visible(record.requestId()), out);
      out.append(']');
    }
    out.append('\n');
    if (record.thrown() != null) {
      out.append(StackText.of(record.thrown(), redactor)).append('\n');
    }
  }

  private void level(Level level, StringBuilder out) {
    var name = level.name();
    if (colours) {
      out.append(colour(level));
    }
    out.append(name);
    if (colours) {
      out.append(RESET);
    }
    out.repeat(' ', 5 - name.length());
  }

  private static String colour(Level level) {
    return switch (level) {
      case ERROR -> "\u001b[31m";
      case WARN -> "\u001b[33m";
      case INFO -> "\u001b[32m";
      case DEBUG -> "\u001b[36m";
      case TRACE -> "\u001b[90m";
    };
  }

  /// In quotes where it would not read as one word.
  private static void word(String text, StringBuilder out) {
    if (!text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '=')) {
      Escapes.plain(text, out);
    } else {
      out.append('"');
      Escapes.quoted(text, out);
      out.append('"');
    }
  }
}
