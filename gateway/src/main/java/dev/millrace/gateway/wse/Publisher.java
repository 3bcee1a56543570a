package dev.millrace.gateway.wse;

import dev.millrace.core.problem.Problem;
import dev.millrace.hub.Hub;
import dev.millrace.hub.Message;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.net.websocket.WebSocketConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Hands what one connection publishes to the hub, in order and in batches, and never drops: while
/// the hub has no room, nothing more is read from the connection. Confined to the connection's
/// loop.
///
/// Call [#add] for each message and [#flush()] when a read is complete.
public final class Publisher {
  /// What the connection is told, in the order of its messages.
  public interface Answers {
    void accepted(int messages);

    void refused(Problem problem);

    /// Answers were given outside a read, and are to be flushed. Unless [Publisher#isWaiting()],
    /// reading may be resumed.
    void answered();
  }

  /// What connections may have in flight that are not told otherwise.
  private static final int IN_FLIGHT = 512;
  private static final Duration RETRY = Duration.ofMillis(5);

  private sealed interface Step {
    record Batch(String topic, List<Message> messages) implements Step {}

    record Answer(Runnable action) implements Step {}
  }

  private final Hub hub;
  private final WebSocketConnection connection;
  private final Answers answers;
  private final int maxInFlight;
  private final ArrayDeque<Step> waiting = new ArrayDeque<>(2); // until the hub has room
  private List<Message> batch = new ArrayList<>();
  private String topic = "";
  private boolean full;

  public Publisher(Hub hub, WebSocketConnection connection, Answers answers) {
    this(hub, connection, answers, IN_FLIGHT);
  }

  /// `maxInFlight` messages at most are read that the hub has not taken: one batch. While it has no
  /// room for them nothing more is read.
  public Publisher(Hub hub, WebSocketConnection connection, Answers answers, int maxInFlight) {
    this.hub = hub;
    this.connection = connection;
    this.answers = answers;
    this.maxInFlight = maxInFlight;
  }

  /// Adds a message behind those before it.
  public void add(String messageTopic, Message message) {
    if (!batch.isEmpty() && !topic.equals(messageTopic)) {
      flush();
    }
    topic = messageTopic;
    batch.add(message);
    if (batch.size() >= maxInFlight) {
      flush();
    }
  }

  /// Runs `action` once everything added so far has been answered.
  public void then(Runnable action) {
    flush();
    waiting.add(new Step.Answer(action));
    drain();
  }

  /// Offers what was added.
  public void flush() {
    if (!batch.isEmpty()) {
      waiting.add(new Step.Batch(topic, batch));
      batch = new ArrayList<>();
      drain();
    }
  }

  /// Whether the hub has no room for what was read last, so that reading is paused.
  public boolean isWaiting() {
    return full;
  }

  private void drain() {
    while (!full && !waiting.isEmpty()) {
      switch (waiting.remove()) {
        case Step.Batch next -> offer(next);
        case Step.Answer(var action) -> action.run();
      }
    }
  }

  private void offer(Step.Batch step) {
    var messages = step.messages();
    switch (hub.publish(step.topic(), messages)) {
      case PublishOutcome.Accepted(int accepted) -> answers.accepted(accepted);
      case PublishOutcome.Refused _ when messages.size() > 1 -> {
        // A batch is taken whole or not at all; the message that spoils it must not harm others.
        for (var message : messages.reversed()) {
          waiting.addFirst(new Step.Batch(step.topic(), List.of(message)));
        }
      }
      case PublishOutcome.Refused(var problem) -> answers.refused(problem);
      case PublishOutcome.Full _ -> {
        waiting.addFirst(step);
        waitForRoom(step.topic());
      }
    }
  }

  private void waitForRoom(String fullTopic) {
    full = true;
    connection.pauseReading();
    var loop = connection.loop();
    if (!hub.whenRoom(fullTopic, () -> loop.execute(this::retry))) {
      loop.deadlines().create(this::retry).set(RETRY);
    }
  }

  private void retry() {
    full = false;
    if (!connection.isOpen()) {
      waiting.clear();
      return;
    }
    drain();
    answers.answered();
  }
}
