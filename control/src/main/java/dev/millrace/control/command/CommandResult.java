package dev.millrace.control.command;

import dev.millrace.core.json.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What became of a command.
public sealed interface CommandResult {

  /// It was carried out. `applied` is false when nothing had to change; `fields` stand in the
  /// answer beside `"ok":true`, `outcome` in the audit trail beside what was asked.
  record Done(boolean applied, ObjectNode fields, ObjectNode outcome) implements CommandResult {

    /// One of which there is nothing more to tell than that.
    public Done(boolean applied, ObjectNode fields) {
      this(applied, fields, Json.mapper().createObjectNode());
    }

    /// The usual answer: `{"ok":true,"applied":…,"state":…}`.
    public static Done of(boolean applied, JsonNode state) {
      var fields = Json.mapper().createObjectNode().put("applied", applied);
      fields.set("state", state);
      return new Done(applied, fields);
    }
  }

  /// It was refused or failed, and nothing changed. `status` is an HTTP status.
  record Failed(int status, String code, String message, ObjectNode details)
      implements CommandResult {

    public static Failed of(int status, String code, String message) {
      return new Failed(status, code, message, Json.mapper().createObjectNode());
    }
  }
}
