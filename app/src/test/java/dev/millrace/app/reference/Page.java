package dev.millrace.app.reference;

import java.util.List;

/// A page of Markdown that is being written. Confined to the test's thread.
final class Page {
  private static final String GENERATED =
      "<!-- Generated from the code; `MILLRACE_UPDATE_DOCS=1 ./millrace test` writes it anew."
          + " -->";

  private final StringBuilder text = new StringBuilder();

  static Page titled(String title) {
    var page = new Page();
    page.text.append("# ").append(title).append("\n\n").append(GENERATED).append('\n');
    return page;
  }

  Page section(String heading) {
    text.append("\n## ").append(heading).append('\n');
    return this;
  }

  Page subsection(String heading) {
    text.append("\n### ").append(heading).append('\n');
    return this;
  }

  /// Text of its own, after an empty line.
  Page paragraph(String words) {
    text.append('\n').append(words.strip()).append('\n');
    return this;
  }

  Page code(String language, String code) {
    text.append("\n```").append(language).append('\n').append(code.strip()).append("\n```\n");
    return this;
  }

  /// The head of a table, after an empty line; rows follow.
  Page table(String... columns) {
    text.append("\n| ").append(String.join(" | ", columns)).append(" |\n");
    return line("|" + "---|".repeat(columns.length));
  }

  Page row(String... cells) {
    return line("| " + String.join(" | ", List.of(cells).stream().map(Page::cell).toList()) + " |");
  }

  Page line(String words) {
    text.append(words).append('\n');
    return this;
  }

  String text() {
    return text.toString();
  }

  /// Words between backticks.
  static String quoted(String words) {
    return "`" + words + "`";
  }

  private static String cell(String words) {
    return words.replace("|", "\\|");
  }
}
