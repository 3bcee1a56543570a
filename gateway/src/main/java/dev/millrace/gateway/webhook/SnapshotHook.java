package dev.millrace.gateway.webhook;

import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.wse.SnapshotProvider;
import dev.millrace.hub.WebhooksSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Asks a program for the present state of topics. Safe from any thread.
///
/// Asked with `{"user","topics"}`, it answers 200 and
/// `{"snapshots":[{"topic","type","payload"},…]}`, or 204 for none. The type is `<topic>_snapshot`
/// where it says none, and one by which clients would not know a snapshot gets that ending.
/// Snapshots of other topics are passed over. `user` is the name in the caller's credentials; for
/// somebody without any, 32 hexadecimal digits that no other connection has.
public final class SnapshotHook implements SnapshotProvider, AutoCloseable {
  private static final int ANSWER_BYTES = 4 << 20;
  private static final String ENDING = "_snapshot";
  private static final int NO_CONTENT = 204;

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

  /// In the order of the answer; fails with [SnapshotProvider.Unavailable] where there is none.
  @Override
  public CompletableFuture<Iterator<Snapshot>> snapshots(String userId, List<String> topics) {
    var question = Json.mapper().createObjectNode().put("user", userId);
    topics.forEach(question.putArray("topics")::add);
    return hook.ask(Json.bytes(question))
        .thenApply(
            given -> {
              var answer = given.orElseThrow(() -> new Unavailable("there was no answer"));
              return answer.status() == NO_CONTENT
                  ? List.<Snapshot>of().iterator()
                  : read(answer, topics).iterator();
            });
  }

  @Override
  public void close() {
    hook.close();
  }

  private List<Snapshot> read(Hook.Answer answer, List<String> topics) {
    var asked = new HashSet<>(topics);
    var snapshots = new ArrayList<Snapshot>();
    try {
      var list = Json.tree(answer.body()).path("snapshots");
      if (answer.status() != 200 || !list.isArray()) {
        throw unusable();
      }
      for (JsonNode one : list) {
        var topic = one.path("topic").asString("");
        if (asked.contains(topic) && one.has("payload")) {
          snapshots.add(new Snapshot(topic, type(one, topic), Json.bytes(one.path("payload"))));
        }
      }
    } catch (JacksonException notJson) {
      throw unusable();
    }
    return snapshots;
  }

  private static String type(JsonNode one, String topic) {
    var type = one.path("type").asString(topic + ENDING);
    return Snapshot.isSnapshotType(type) ? type : type + ENDING;
  }

  private Unavailable unusable() {
    hook.unusable();
    return new Unavailable("the answer is not what it must be");
  }
}
