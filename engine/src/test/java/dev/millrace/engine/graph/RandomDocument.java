package dev.millrace.engine.graph;

import dev.millrace.core.json.Json;
import java.util.Random;
import tools.jackson.databind.node.ObjectNode;

/// Sound graph documents at random, in all spellings.
final class RandomDocument {
  private final Random random;

  RandomDocument(long seed) {
    this.random = new Random(seed);
  }

  String next() {
    var graph = Json.mapper().createObjectNode();
    if (random.nextBoolean()) {
      var settings = graph.putObject("pipeline_config");
      some(() -> settings.put("channel_capacity", 1 + random.nextInt(50)));
      some(() -> settings.put("priority", one("Low", "HIGH", "normal")));
      some(() -> settings.put("error_policy", one("SkipFrame", "propagate")));
      some(() -> settings.put("name", "graph " + random.nextInt(5)));
      some(() -> settings.put(one("drain_timeout_ms", "deadline_ms"), 1 + random.nextInt(900)));
    }
    int count = 1 + random.nextInt(8);
    var nodes = graph.putArray("nodes");
    for (int i = 0; i < count; i++) {
      node(nodes.addObject(), i, count);
    }
    var edges = graph.putArray(one("edges", "connections"));
    for (int from = 0; from < count; from++) {
      for (int to = from + 1; to < count; to++) {
        if (random.nextInt(3) == 0) {
          edge(edges.addObject(), from, to);
        }
      }
    }
    some(() -> graph.put("editor", 7));
    return graph.toString();
  }

  private void node(ObjectNode node, int index, int count) {
    some(() -> node.putObject("position").put("x", random.nextInt(100)));
    node.put("id", "n" + index);
    var type = one("Gain", "gainnode", "Pass", "Merge", "collect");
    node.put("type", type);
    var config = one("config", "parameters", "params");
    if (type.startsWith("G") || type.startsWith("g")) {
      some(() -> node.putObject(config).put(one("gain", "gain_db"), random.nextGaussian()));
      some(() -> node.put("parallelism", 1 + random.nextInt(4)));
    }
    some(() -> node.put("error_policy", one("SkipFrame", "Propagate")));
    some(() -> node.put("restart", one("Never", "immediate", "Exponential")));
    some(() -> node.put("version", random.nextInt(9)));
    if (index + 1 < count) {
      some(() -> node.put("dead_letter", "n" + (index + 1)));
    }
    some(() -> node.putObject("data").put("label", "é \"x\""));
  }

  private void edge(ObjectNode edge, int from, int to) {
    some(() -> edge.put("id", "e" + from + "-" + to));
    edge.put(one("from", "source"), "n" + from).put(one("to", "target"), "n" + to);
    some(() -> edge.put("capacity", 1 + random.nextInt(9)));
    some(() -> edge.put("branch", one("true", "false", "x")));
    some(() -> edge.put("strategy", one("block", "DROP_OLDEST", "drop_newest")));
    some(() -> edge.put("sourceHandle", "out"));
  }

  private void some(Runnable action) {
    if (random.nextInt(3) == 0) {
      action.run();
    }
  }

  private String one(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
