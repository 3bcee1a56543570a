package dev.millrace.gateway.webhook;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.hub.WebhooksSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Asks a program for the present state of topics. Without an answer there is none. Safe from any
/// thread.
///
/// Asked with `{"user","topics"}`, it answers 200 and
/// `{"snapshots":[{"topic","type","payload"},…]}`; the type is `snapshot_update` where it says
/// none, and snapshots of other topics are passed over.
public final class SnapshotHook implements AutoCloseable {
  private static final int ANSWER_BYTES = 16 << 20;
  private static final String TYPE = "snapshot_update";

  /// The state of one topic; `payload` is one JSON value.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Snapshot(String topic, String type, byte[] payload) {}

  private final Hook hook;

  public SnapshotHook(WebhooksSpec.Snapshot spec, Clock clock, Metrics metrics) {
    this.hook =
        new Hook(
            new Hook.Way(
                "snapshot",
                spec.url(),
                spec.secret(),
                spec.timeout(),
                spec.maxConcurrent(),
                spec.breakerFailures(),
                spec.breakerPause(),
                ANSWER_BYTES),
            clock,
            metrics);
  }

  /// The states of `topics` as `user` may see them, in the order of the answer. Completes on
  /// another thread, and never fails.
  public CompletableFuture<List<Snapshot>> fetch(String user, List<String> topics) {
    var question = Json.mapper().createObjectNode().put("user", user);
    topics.forEach(question.putArray("topics")::add);
    return hook.ask(Json.bytes(question))
        .thenApply(
            answer ->
                answer
                    .filter(given -> given.status() == 200)
                    .map(given -> snapshots(given.body(), topics))
                    .orElse(List.of()));
  }

  @Override
  public void close() {
    hook.close();
  }

  private List<Snapshot> snapshots(byte[] body, List<String> topics) {
    var asked = new HashSet<>(topics);
    var snapshots = new ArrayList<Snapshot>();
    try {
      for (JsonNode one : Json.tree(body).path("snapshots")) {
        var topic = one.path("topic").asString("");
        if (asked.contains(topic) && one.has("payload")) {
          var type = one.path("type").asString(TYPE);
          snapshots.add(new Snapshot(topic, type, Json.bytes(one.path("payload"))));
        }
      }
    } catch (JacksonException notJson) {
      hook.unusable();
      return List.of();
    }
    return snapshots;
  }
}
