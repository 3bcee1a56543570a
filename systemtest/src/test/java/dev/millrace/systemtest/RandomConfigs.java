package dev.millrace.systemtest;

import java.util.List;
import java.util.Random;

/// Random edits of one configuration file: valid ones, ones that change nothing, and broken ones.
final class RandomConfigs {
  /// The token with which the test speaks to the server.
  static final String ADMIN = "admin-token-of-the-test-0123456789";

  private static final List<String> LEVELS = List.of("debug", "info", "warn", "error");
  private static final List<String> BROKEN =
      List.of(
          "server: [\n",
          "server: { port: 0, port: 0 }\n",
          "",
          "- a\n- list\n",
          "\tserver: {}\n",
          "server: { port: eighty }\n",
          "logging: { level: loud }\n",
          "telemetry_frequency_seconds: -1\n",
          "pipelines: [ { name: a } ]\n",
          "pipelines: [ { name: a, graph: { nodes: [ { id: x, type: Nothing } ] } } ]\n",
          "auth: { tokens: [ { name: short, token: abc, role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token_file: /nowhere/token, role: admin } ] }\n",
          "strict_config: true\nservr: { }\n");

  private final Random random;
  private final String fixedPipelines;

  /// `fixedPipelines` are the lines of the pipelines that never change.
  RandomConfigs(Random random, String fixedPipelines) {
    this.random = random;
    this.fixedPipelines = fixedPipelines;
  }

  /// One edit: the file's new text, and what the server should make of it.
  record Edit(String text, boolean valid, String level, int requests, boolean side) {}

  Edit first() {
    return valid("info", 256, false, "");
  }

  /// About a third is broken.
  Edit next() {
    return switch (random.nextInt(6)) {
      case 0 -> broken(BROKEN.get(random.nextInt(BROKEN.size())));
      case 1 -> broken(halfWritten());
      default -> randomValid();
    };
  }

  private Edit randomValid() {
    return valid(
        LEVELS.get(random.nextInt(LEVELS.size())),
        200 + random.nextInt(100),
        random.nextInt(4) == 0,
        random.nextInt(3) == 0 ? "# only a comment: " + random.nextInt() + "\n" : "");
  }

  private String halfWritten() {
    var whole = randomValid().text();
    // Cut inside the fixed pipelines, where what is left cannot be a sound configuration.
    return whole.substring(0, whole.indexOf("connections:") + 14);
  }

  private static Edit broken(String text) {
    return new Edit(text, false, "", 0, false);
  }

  private Edit valid(String level, int requests, boolean side, String comment) {
    var text =
        comment
            + """
            server: { port: 0, max_requests: REQUESTS }
            logging: { level: LEVEL }
            auth:
              anonymous: [wse, publish]
              tokens:
                - { name: test, token: ADMIN, role: admin }
                - { name: other, token: other-token-OTHER-0123456789, role: viewer }
            pipelines:
            """
                .replace("REQUESTS", String.valueOf(requests))
                .replace("LEVEL", level)
                .replace("ADMIN", ADMIN)
                .replace("OTHER", String.valueOf(random.nextInt(3)))
            + fixedPipelines
            + (side ? side() : "");
    return new Edit(text, true, level, requests, side);
  }

  /// A pipeline that comes, goes and changes.
  private String side() {
    return """
      - name: side
        graph:
          nodes:
            - { id: firehose, type: SimulatedFirehose, config: { rate: RATE } }
            - { id: out, type: Publish, config: { topic: side, type: event } }
          connections:
            - { from: firehose, to: out }
    """
        .indent(0)
        .replace("RATE", String.valueOf(50 + random.nextInt(3)));
  }
}
