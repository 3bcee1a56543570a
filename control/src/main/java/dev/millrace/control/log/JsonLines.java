package dev.millrace.control.log;

import java.util.HashSet;
import java.util.Set;

/// A JSON object per line: `ts` (RFC 3339, UTC, microseconds), `level`, `target`, `msg`,
/// `request_id` where there is one, the record's fields, and `error` (`type`, `message`, `stack`)
/// where something was thrown. A field whose name is taken gets `_` at its end.
final class JsonLines implements LineForm {
  private static final Set<String> FIXED =
      Set.of("ts", "level", "target", "msg", "request_id", "error");

  private final Timestamps timestamps = Timestamps.utc();

  @Override
  public void write(LogRecord record, Redactor redactor, StringBuilder out) {
    out.append("{\"ts\":\"");
    timestamps.write(record.at(), out);
    out.append("\",\"level\":\"").append(LogRecord.label(record.level())).append('"');
    field("target", record.target(), out);
    field("msg", redactor.visible(record.message()), out);
    if (record.requestId() != null) {
      field("request_id", redactor.visible(record.requestId()), out);
    }
    if (!record.fields().isEmpty()) {
      fields(record, redactor, out);
    }
    if (record.thrown() != null) {
      error(record.thrown(), redactor, out);
    }
    out.append("}\n");
  }

  private static void fields(LogRecord record, Redactor redactor, StringBuilder out) {
    var taken = new HashSet<>(FIXED);
    for (var field : record.fields()) {
      var key = redactor.visibleKey(field);
      while (!taken.add(key)) {
        key = key + "_";
      }
      var value = redactor.visible(field);
      if (field.literal() && value.equals(field.value().text())) {
        name(key, out);
        out.append(value);
      } else {
        field(key, value, out);
      }
    }
  }

  private static void error(Thrown thrown, Redactor redactor, StringBuilder out) {
    out.append(",\"error\":{\"type\":\"");
    Escapes.json(thrown.type(), out);
    out.append('"');
    if (thrown.message() != null) {
      field("message", redactor.visible(thrown.message()), out);
    }
    field("stack", StackText.of(thrown, redactor), out);
    out.append('}');
  }

  private static void field(String key, String value, StringBuilder out) {
    name(key, out);
    out.append('"');
    Escapes.json(value, out);
    out.append('"');
  }

  private static void name(String key, StringBuilder out) {
    out.append(",\"");
    Escapes.json(key, out);
    out.append("\":");
  }
}
