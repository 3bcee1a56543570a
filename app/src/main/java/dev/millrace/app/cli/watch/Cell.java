package dev.millrace.app.cli.watch;

import dev.millrace.app.cli.Messages;

/// A text in a table and how it looks. The text has been made fit for a terminal.
record Cell(String text, Style style) {

  /// What the colours mean; they are never the only sign of it.
  enum Style {
    PLAIN(""),
    BOLD("\u001b[1m"),
    DIM("\u001b[2m"),
    GOOD("\u001b[32m"),
    CARE("\u001b[33m"),
    BAD("\u001b[31m"),
    TITLE("\u001b[7m");

    private static final String RESET = "\u001b[0m";
    private final String begin;

    Style(String begin) {
      this.begin = begin;
    }

    String paint(String text, boolean colours) {
      return !colours || begin.isEmpty() ? text : begin + text + RESET;
    }
  }

  Cell {
    text = Messages.printable(text);
  }

  static Cell plain(String text) {
    return new Cell(text, Style.PLAIN);
  }

  static Cell dim(String text) {
    return new Cell(text, Style.DIM);
  }

  /// How many places it takes.
  int width() {
    return text.codePointCount(0, text.length());
  }

  /// At most `width` places of it.
  Cell cut(int width) {
    if (width() <= width) {
      return this;
    }
    if (width < 1) {
      return new Cell("", style);
    }
    return new Cell(text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…", style);
  }

  String padded(int width, boolean right, boolean colours) {
    var space = " ".repeat(Math.max(0, width - width()));
    var painted = style.paint(text, colours);
    return right ? space + painted : painted + space;
  }
}
