package dev.millrace.control.audit;

import dev.millrace.core.json.Json;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What of a command's arguments may be kept: every key, and the values of those that are known to
/// be harmless. A value under any other key might be a credential and is not shown.
public final class Masking {
  /// Stands for a value that is not shown.
  public static final String HIDDEN = "***";

  private static final Set<String> HARMLESS =
      Set.of(
          "pipeline",
          "client",
          "id",
          "asset",
          "node",
          "topic",
          "target",
          "level",
          "mode",
          "state",
          "dry_run",
          "limit",
          "limit_per_sec");
  private static final int MOST_KEYS = 32;
  private static final int LONGEST_KEY = 64;
  private static final int LONGEST_VALUE = 256;

  private Masking() {}

  /// A small copy that is fit for logs and trails.
  public static ObjectNode of(ObjectNode arguments) {
    var masked = Json.mapper().createObjectNode();
    int kept = 0;
    for (var field : arguments.properties()) {
      if (kept++ == MOST_KEYS) {
        masked.put("…", arguments.size() - MOST_KEYS + " more");
        break;
      }
      var key = Text.clipped(field.getKey(), LONGEST_KEY);
      if (HARMLESS.contains(key)) {
        show(masked, key, field.getValue());
      } else {
        masked.put(key, HIDDEN);
      }
    }
    return masked;
  }

  private static void show(ObjectNode masked, String key, JsonNode value) {
    if (value.isString()) {
      masked.put(key, Text.clipped(value.asString(), LONGEST_VALUE));
    } else if (value.isContainer() || value.isBigInteger() || value.isBigDecimal()) {
      masked.put(key, HIDDEN); // may be of any size, and no command takes such a thing here
    } else {
      masked.set(key, value);
    }
  }
}
