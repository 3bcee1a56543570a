package dev.millrace.app.cli.watch;

import dev.millrace.app.cli.Messages;
import dev.millrace.app.cli.watch.Cell.Style;
import dev.millrace.app.cli.watch.Figures.NodeRow;
import dev.millrace.app.cli.watch.Figures.PipelineRow;
import dev.millrace.app.cli.watch.Table.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Figures as text: the topics, a table of the pipelines, then the nodes of each.
public final class TopPage {
  private static final int BAR = 8;
  private static final String BLOCKS = " ▏▎▍▌▋▊▉█";
  private static final String NOTHING = "-";

  private static final List<Column> PIPELINES =
      List.of(
          new Column("PIPELINE", false, 9, 32),
          new Column("STATE", false, 8, 12),
          new Column("UPTIME", true, 2, 12),
          new Column("IN/s", true, 7, 12),
          new Column("OUT/s", true, 6, 12),
          new Column("ERRORS", true, 5, 12),
          new Column("DROPPED", true, 4, 14),
          new Column("TROUBLE", false, 3, 60));

  private static final List<Column> NODES =
      List.of(
          new Column("NODE", false, 99, 28),
          new Column("TYPE", false, 1, 20),
          new Column("STATE", false, 2, 12),
          new Column("IN/s", true, 9, 12),
          new Column("OUT/s", true, 8, 12),
          new Column("ERRORS", true, 7, 12),
          new Column("BUSY", true, 4, 6),
          new Column("BLOCKED", true, 6, 7),
          new Column("p50", true, 3, 8),
          new Column("p99", true, 5, 8),
          new Column("QUEUE", false, 7, BAR + 20));

  private static final List<Column> FEED =
      List.of(
          new Column("TOPICS", true, 99, 12),
          new Column("CONNECTIONS", true, 9, 12),
          new Column("IN/s", true, 8, 12),
          new Column("OUT/s", true, 7, 12),
          new Column("LEFT OUT", true, 6, 14));

  private static final List<Column> BEHIND =
      List.of(
          new Column("BEHIND", false, 99, 24),
          new Column("USER", false, 5, 24),
          new Column("STATE", false, 7, 14),
          new Column("MESSAGES", true, 9, 12),
          new Column("SENT", true, 4, 14),
          new Column("AGE", true, 3, 10));

  private TopPage() {}

  /// Lines of at most `width` places.
  public static List<String> lines(Figures figures, int width, boolean colours) {
    var lines = new ArrayList<String>();
    var feed = figures.feed();
    if (feed != null) {
      lines.addAll(feed(feed, width, colours));
      lines.add("");
    }
    if (figures.pipelines().isEmpty()) {
      lines.add(Cell.dim("No pipelines.").cut(width).text());
      return lines;
    }
    var table = new Table(PIPELINES);
    figures.pipelines().forEach(pipeline -> table.add(row(pipeline)));
    lines.addAll(table.lines(width, colours));
    if (figures.more() > 0) {
      var more = "and " + Messages.number(figures.more()) + " more; --pipeline NAME shows one";
      lines.add(Cell.dim(more).cut(width).padded(0, false, colours));
    }
    for (var pipeline : figures.pipelines()) {
      lines.add("");
      lines.addAll(nodes(pipeline, width, colours));
    }
    return lines;
  }

  /// The first line of a screen.
  public static String heading(String left, String right, int width, boolean colours) {
    var text = new Cell(left, Style.TITLE).cut(Math.max(1, width - right.length() - 2));
    var line = " ".repeat(Math.max(1, width - text.width() - right.length() - 1));
    return Style.TITLE.paint(cutTo(" " + text.text() + line.substring(1) + right, width), colours);
  }

  /// A line of its own about all of it.
  public static String note(String text, boolean bad, int width, boolean colours) {
    return new Cell(text, bad ? Style.BAD : Style.DIM).cut(width).padded(0, false, colours);
  }

  private static String cutTo(String line, int width) {
    return Cell.plain(line).cut(width).text();
  }

  private static List<String> feed(FeedFigures feed, int width, boolean colours) {
    var table = new Table(FEED);
    table.add(
        List.of(
            Cell.plain(Messages.number(feed.topics())),
            Cell.plain(Messages.number(feed.sessions())),
            Cell.plain(rate(feed.in())),
            Cell.plain(rate(feed.out())),
            count(feed.leftOut(), Style.CARE)));
    var lines = new ArrayList<>(table.lines(width, colours));
    if (!feed.behind().isEmpty()) {
      var behind = new Table(BEHIND);
      feed.behind().forEach(one -> behind.add(row(one)));
      lines.add("");
      lines.addAll(behind.lines(width, colours));
    }
    return lines;
  }

  private static List<Cell> row(FeedFigures.Behind one) {
    return List.of(
        Cell.plain(one.id()),
        Cell.plain(one.user().isEmpty() ? NOTHING : one.user()),
        new Cell(one.state(), one.state().equals("connected") ? Style.PLAIN : Style.BAD),
        Cell.plain(Messages.number(one.depth())),
        Cell.dim(Messages.number(one.sent())),
        Cell.dim(uptime((double) one.ageSeconds())));
  }

  private static List<String> nodes(PipelineRow pipeline, int width, boolean colours) {
    var lines = new ArrayList<String>();
    lines.add(new Cell(pipeline.name(), Style.BOLD).cut(width).padded(0, false, colours));
    var table = new Table(NODES);
    pipeline.nodes().forEach(node -> table.add(row(node)));
    lines.addAll(table.lines(width, colours));
    for (var node : pipeline.nodes()) {
      if (!node.trouble().isEmpty()) {
        var trouble = new Cell("! " + node.id() + ": " + node.trouble(), Style.BAD);
        lines.add(trouble.cut(width).padded(0, false, colours));
      }
    }
    return lines;
  }

  private static List<Cell> row(PipelineRow pipeline) {
    var style =
        switch (pipeline.state()) {
          case "Running" -> Style.GOOD;
          case "Error" -> Style.BAD;
          default -> Style.CARE;
        };
    return List.of(
        new Cell(pipeline.name(), Style.BOLD),
        new Cell(pipeline.state(), style),
        Cell.plain(uptime(pipeline.uptimeSeconds())),
        Cell.plain(rate(pipeline.in())),
        Cell.plain(rate(pipeline.out())),
        count(pipeline.errors(), Style.BAD),
        count(pipeline.dropped(), Style.CARE),
        new Cell(pipeline.trouble(), Style.BAD));
  }

  private static List<Cell> row(NodeRow node) {
    return List.of(
        Cell.plain(node.id()),
        Cell.dim(node.type()),
        Cell.dim(node.state()),
        Cell.plain(rate(node.in())),
        Cell.plain(rate(node.out())),
        count(node.errors(), Style.BAD),
        Cell.plain(percent(node.busyPercent())),
        new Cell(
            percent(node.blockedPercent()), node.blockedPercent() >= 50 ? Style.CARE : Style.PLAIN),
        Cell.plain(micros(node.p50Micros())),
        Cell.plain(micros(node.p99Micros())),
        queue(node));
  }

  /// `▍        12/100`, and what was dropped.
  private static Cell queue(NodeRow node) {
    if (node.capacity() == 0) {
      return Cell.dim(node.fused() ? "fused" : "");
    }
    var dropped = node.dropped() == 0 ? "" : " -" + Messages.number(node.dropped());
    var text = bar(node.fill()) + " " + node.queued() + "/" + node.capacity() + dropped;
    return new Cell(
        text, node.fill() >= 0.8 ? Style.BAD : node.fill() >= 0.5 ? Style.CARE : Style.PLAIN);
  }

  private static String bar(double fill) {
    int eighths = (int) Math.round(Math.clamp(fill, 0, 1) * BAR * 8);
    if (fill > 0) {
      eighths = Math.max(1, eighths);
    }
    var bar = new StringBuilder();
    for (int i = 0; i < BAR; i++) {
      int here = Math.clamp(eighths - 8L * i, 0, 8);
      bar.append(here == 0 ? '·' : BLOCKS.charAt(here));
    }
    return bar.toString();
  }

  private static Cell count(long number, Style style) {
    return number == 0 ? Cell.dim("0") : new Cell(Messages.number(number), style);
  }

  private static String rate(double perSecond) {
    if (Double.isNaN(perSecond)) {
      return NOTHING;
    }
    return perSecond == 0
        ? "0"
        : perSecond < 100
            ? String.format(Locale.ROOT, "%.1f", perSecond)
            : perSecond < 1e6
                ? String.format(Locale.ROOT, "%,.0f", perSecond)
                : String.format(Locale.ROOT, "%.2fM", perSecond / 1e6);
  }

  private static String percent(double percent) {
    return percent == 0 ? "0%" : String.format(Locale.ROOT, "%.1f%%", percent);
  }

  private static String micros(double micros) {
    if (micros <= 0) {
      return NOTHING;
    }
    if (micros < 1) {
      return "<1µs";
    }
    return micros < 1_000
        ? String.format(Locale.ROOT, "%.0fµs", micros)
        : micros < 1_000_000
            ? String.format(Locale.ROOT, "%.1fms", micros / 1e3)
            : String.format(Locale.ROOT, "%.1fs", micros / 1e6);
  }

  static String uptime(double seconds) {
    long whole = (long) seconds;
    if (whole < 60) {
      return whole + "s";
    }
    if (whole < 3_600) {
      return whole / 60 + "m" + two(whole % 60) + "s";
    }
    return whole < 86_400
        ? whole / 3_600 + "h" + two(whole / 60 % 60) + "m"
        : whole / 86_400 + "d" + two(whole / 3_600 % 24) + "h";
  }

  private static String two(long number) {
    return String.format(Locale.ROOT, "%02d", number);
  }
}
