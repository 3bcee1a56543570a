package dev.millrace.control.noc;

import dev.millrace.core.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an operator's console asks for. `id` is a string or an integer of the console's choosing
/// that comes back in the answer, or null.
sealed interface NocRequest {
  /// Characters of an id or of a command's name.
  int MAX_NAME = 128;

  @Nullable JsonNode id();

  /// `arguments` are the fields of target and arguments together.
  record Order(@Nullable JsonNode id, String name, ObjectNode arguments) implements NocRequest {}

  /// The whole picture again.
  record Snapshot(@Nullable JsonNode id) implements NocRequest {}

  record Ping(@Nullable JsonNode id) implements NocRequest {}

  /// Nothing that can be answered; `message` quotes nothing of it.
  record Invalid(@Nullable JsonNode id, String code, String message) implements NocRequest {}

  /// Reads one message. Never fails.
  static NocRequest read(byte[] bytes) {
    try {
      if (Json.kindOf(bytes) == Json.Kind.OBJECT && Json.tree(bytes) instanceof ObjectNode object) {
        return read(object);
      }
    } catch (JacksonException broken) {
      return notAnObject();
    }
    return notAnObject();
  }

  private static Invalid notAnObject() {
    return new Invalid(null, "BAD_JSON", "the message is not one JSON object");
  }

  private static NocRequest read(ObjectNode message) {
    var id = message.get("id");
    if (id == null || id.isNull()) {
      id = null;
    } else if (!(id.isString() && id.asString().length() <= MAX_NAME) && !id.isIntegralNumber()) {
      return new Invalid(
          null, "BAD_REQUEST", "id is text of at most " + MAX_NAME + " characters, or an integer");
    }
    var op = message.path("op");
    return switch (op.isString() ? op.asString() : "") {
      case "ping" -> new Ping(id);
      case "snapshot" -> new Snapshot(id);
      case "command" -> order(id, message);
      default -> new Invalid(id, "UNKNOWN_OP", "op is one of command, snapshot, ping");
    };
  }

  private static NocRequest order(@Nullable JsonNode id, ObjectNode message) {
    var name = message.path("command");
    if (!name.isString() || name.asString().isEmpty() || name.asString().length() > MAX_NAME) {
      return new Invalid(id, "BAD_REQUEST", "command is the name of a command");
    }
    var arguments = Json.mapper().createObjectNode();
    for (var part : new String[] {"target", "args"}) {
      var fields = message.path(part);
      if (fields.isMissingNode() || fields.isNull()) {
        continue;
      }
      if (!(fields instanceof ObjectNode object)) {
        return new Invalid(id, "BAD_REQUEST", part + " is an object");
      }
      for (var field : object.properties()) {
        if (arguments.has(field.getKey())) {
          return new Invalid(id, "BAD_REQUEST", "target and args hold the same key");
        }
        arguments.set(field.getKey(), field.getValue());
      }
    }
    return new Order(id, name.asString(), arguments);
  }
}
