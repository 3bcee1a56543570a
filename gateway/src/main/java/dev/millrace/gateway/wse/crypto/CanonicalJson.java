package dev.millrace.gateway.wse.crypto;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The one text of a JSON value that gets signed: what Python's `json.dumps` writes with
/// `sort_keys=True`, so that both sides hash the same bytes. Keys stand in the order of their code
/// points, separators are `", "` and `": "`, everything but printable ASCII is escaped, and numbers
/// are printed as Python prints them.
final class CanonicalJson {
  /// Texts by code point; Java compares UTF-16, where U+FFFD comes after U+10000.
  private static final Comparator<String> BY_CODE_POINT = CanonicalJson::compareCodePoints;

  private final StringBuilder out;

  private CanonicalJson(int size) {
    this.out = new StringBuilder(size);
  }

  /// ASCII of the one JSON value in `json`.
  ///
  /// @throws tools.jackson.core.JacksonException if it is anything else
  static byte[] of(byte[] json) {
    var canonical = new CanonicalJson(json.length + json.length / 4 + 16);
    canonical.write(Json.tree(json));
    return canonical.out.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private void write(JsonNode node) {
    switch (node.getNodeType()) {
      case OBJECT -> writeObject((ObjectNode) node);
      case ARRAY -> {
        out.append('[');
        for (int i = 0; i < node.size(); i++) {
          out.append(i == 0 ? "" : ", ");
          write(node.get(i));
        }
        out.append(']');
      }
      case STRING -> writeText(node.asString());
      case NUMBER ->
          out.append(
              node.isIntegralNumber()
                  ? node.bigIntegerValue().toString()
                  : PythonNumbers.text(node.doubleValue()));
      case BOOLEAN -> out.append(node.booleanValue());
      case NULL, MISSING, BINARY, POJO -> out.append("null");
    }
  }

  private void writeObject(ObjectNode object) {
    var keys = new ArrayList<>(object.propertyNames());
    keys.sort(BY_CODE_POINT);
    out.append('{');
    for (int i = 0; i < keys.size(); i++) {
      out.append(i == 0 ? "" : ", ");
      writeText(keys.get(i));
      out.append(": ");
      write(object.path(keys.get(i)));
    }
    out.append('}');
  }

  private void writeText(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\f' -> out.append("\\f");
        case '\b' -> out.append("\\b");
        default -> {
          if (c >= ' ' && c <= '~') {
            out.append(c);
          } else {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
              out.append(Character.forDigit(c >>> shift & 0xF, 16));
            }
          }
        }
      }
    }
    out.append('"');
  }

  private static int compareCodePoints(String left, String right) {
    int i = 0;
    while (i < left.length() && i < right.length()) {
      int a = left.codePointAt(i);
      int b = right.codePointAt(i);
      if (a != b) {
        return a - b;
      }
      i += Character.charCount(a);
    }
    return left.length() - right.length();
  }
}
