package dev.millrace.bench.report;

import dev.millrace.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What one question of a measurement came to. `figures` has the same as the table, unrounded;
/// `notes` say what a reader of the table has to know.
public record Finding(
    String name,
    String title,
    Table table,
    List<String> notes,
    ObjectNode figures,
    List<Bar> bars) {
  public Finding {
    notes = List.copyOf(notes);
    bars = List.copyOf(bars);
  }

  /// The same with one more figure, and the note that tells it.
  public Finding with(String note, String figure, double value) {
    var more = new ArrayList<>(notes);
    more.add(note);
    return new Finding(name, title, table, more, figures.deepCopy().put(figure, value), bars);
  }

  /// For machines.
  public ObjectNode json() {
    var node = Json.mapper().createObjectNode().put("name", name).put("title", title);
    node.set("figures", figures);
    Bar.list(bars, node.putArray("bars"));
    return node;
  }

  /// For people.
  @Override
  public String toString() {
    var text = new StringBuilder(name).append(": ").append(title).append(System.lineSeparator());
    text.append(table);
    notes.forEach(note -> text.append(note).append(System.lineSeparator()));
    bars.forEach(bar -> text.append(bar).append(System.lineSeparator()));
    return text.toString();
  }
}
