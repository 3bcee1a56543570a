package dev.millrace.gateway.wse;

import dev.millrace.core.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// [KeptSubscriptions] as instances write them for one another:
/// `{"topics":["a"],"others":{"b":{…}},"tokens":{"a":"gA…"}}`. What `b` may have is `filters`,
/// `queue`, `presence` and `conflate_ms`, as in a subscription's payload; without tokens there is
/// no `tokens`.
final class KeptBytes {
  private static final int MOST_TOPICS = 10_000;

  private KeptBytes() {}

  static byte[] of(KeptSubscriptions kept) {
    var body = Json.mapper().createObjectNode();
    kept.plain().stream().sorted().forEach(body.putArray("topics")::add);
    var others = body.putObject("others");
    kept.others().forEach((topic, options) -> write(others.putObject(topic), options));
    if (!kept.tokens().isEmpty()) {
      var tokens = body.putObject("tokens");
      kept.tokens().forEach(tokens::put);
    }
    return Json.bytes(body);
  }

  private static void write(ObjectNode to, SubscribeOptions options) {
    if (options.filters() != null) {
      to.set("filters", Json.tree(utf8(options.filters())));
    }
    if (options.queue() != null) {
      to.put("queue", options.queue());
    }
    if (options.presence() != null) {
      to.set("presence", Json.tree(utf8(options.presence())));
    }
    if (options.conflateMillis() > 0) {
      to.put("conflate_ms", options.conflateMillis());
    }
  }

  /// Null if `bytes` are none: another version may have written them, or another program.
  static @Nullable KeptSubscriptions read(byte[] bytes) {
    JsonNode body;
    try {
      body = Json.tree(bytes);
    } catch (JacksonException broken) {
      return null;
    }
    var topics = body.path("topics");
    var others = body.path("others");
    if (!topics.isArray()
        || !others.isObject()
        || topics.size() + others.size() + body.path("tokens").size() > MOST_TOPICS
        || !topics.valueStream().allMatch(JsonNode::isString)) {
      return null;
    }
    List<String> plain = new ArrayList<>(topics.size());
    topics.forEach(topic -> plain.add(topic.asString()));
    var options = new HashMap<String, SubscribeOptions>();
    for (var other : others.properties()) {
      if (!(other.getValue() instanceof ObjectNode payload)
          || !(SubscribeOptions.read(payload) instanceof SubscribeOptions.Reading.Read(var read))) {
        return null;
      }
      options.put(other.getKey(), read.withoutRecovery());
    }
    var tokens = new HashMap<String, String>();
    for (var token : body.path("tokens").properties()) {
      if (!token.getValue().isString()) {
        return null;
      }
      tokens.put(token.getKey(), token.getValue().asString());
    }
    return new KeptSubscriptions(plain, options, tokens);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
