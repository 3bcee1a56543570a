package dev.millrace.control.command;

import dev.millrace.core.json.Json;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Keeps secrets that somebody gave as an argument by mistake out of all that is kept and told:
/// answers, the trail, the log, events. Stateless.
record Veil(UnaryOperator<String> mask) {

  @Nullable String over(@Nullable String text) {
    return text == null ? null : mask.apply(text);
  }

  CommandResult over(CommandResult result) {
    return switch (result) {
      case CommandResult.Done(var applied, var fields, var outcome) ->
          new CommandResult.Done(applied, over(fields), over(outcome));
      case CommandResult.Failed(int status, var code, var message, var details) ->
          new CommandResult.Failed(status, code, mask.apply(message), over(details));
    };
  }

  ObjectNode over(ObjectNode object) {
    var veiled = Json.mapper().createObjectNode();
    object
        .properties()
        .forEach(field -> veiled.set(mask.apply(field.getKey()), any(field.getValue())));
    return veiled;
  }

  private JsonNode any(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> over(object);
      case tools.jackson.databind.node.ArrayNode array -> {
        var veiled = Json.mapper().createArrayNode();
        array.forEach(item -> veiled.add(any(item)));
        yield veiled;
      }
      case JsonNode text when text.isString() ->
          Json.mapper().getNodeFactory().stringNode(mask.apply(text.asString()));
      case JsonNode other -> other;
    };
  }
}
