package dev.millrace.app.cli.watch;

import java.util.ArrayList;
import java.util.List;

/// Columns as wide as what stands in them. Where all of them do not fit, the least important ones
/// are left out; the first one is cut last.
final class Table {
  private static final int GAP = 2;

  private final List<Column> columns;
  private final List<List<Cell>> rows = new ArrayList<>();

  /// `importance`: those with the lowest are left out first. `most` is the widest it becomes.
  record Column(String title, boolean right, int importance, int most) {}

  Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  void add(List<Cell> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(cells.size() + " cells for " + columns.size());
    }
    rows.add(List.copyOf(cells));
  }

  /// The title's line and one per row, none longer than `width`.
  List<String> lines(int width, boolean colours) {
    var widths = new int[columns.size()];
    for (int c = 0; c < widths.length; c++) {
      int widest = columns.get(c).title().length();
      for (var row : rows) {
        widest = Math.max(widest, row.get(c).width());
      }
      widths[c] = Math.min(widest, columns.get(c).most());
    }
    boolean more = true;
    while (more && total(widths) > width) {
      more = leaveOneOut(widths);
    }
    widths[0] = Math.max(1, Math.min(widths[0], width));
    var titles = columns.stream().map(column -> new Cell(column.title(), Cell.Style.DIM)).toList();
    var lines = new ArrayList<String>();
    lines.add(line(titles, widths, colours));
    rows.forEach(row -> lines.add(line(row, widths, colours)));
    return lines;
  }

  private static int total(int[] widths) {
    int total = -GAP;
    for (int width : widths) {
      total += width == 0 ? 0 : width + GAP;
    }
    return total;
  }

  private boolean leaveOneOut(int[] widths) {
    int least = 0;
    for (int c = 1; c < widths.length; c++) {
      boolean less = least == 0 || columns.get(c).importance() < columns.get(least).importance();
      if (widths[c] > 0 && less) {
        least = c;
      }
    }
    if (least > 0) {
      widths[least] = 0;
    }
    return least > 0;
  }

  private String line(List<Cell> cells, int[] widths, boolean colours) {
    var line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      if (widths[c] > 0) {
        line.append(line.isEmpty() ? "" : " ".repeat(GAP));
        line.append(cells.get(c).cut(widths[c]).padded(widths[c], columns.get(c).right(), colours));
      }
    }
    return line.toString().stripTrailing();
  }
}
