package dev.millrace.hub;

import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.SourcePosition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Publishes JSON frames on a topic, a batch at a time. When the topic's inbox is full the batch
/// waits here and the node takes no more, so the graph slows down and nothing is dropped.
public final class PublishNode implements Processor {
  private static final Duration RETRY = Duration.ofMillis(20); // when even waiting has a queue

  private final Supplier<Hub> hubs;
  private final PublishSpec spec;
  private final String type;
  private final AtomicBoolean waiting = new AtomicBoolean(); // cleared by whoever has room to offer
  private List<Message> gathered = new ArrayList<>();
  private @Nullable NodeContext context; // both since open
  private @Nullable Hub hub;

  PublishNode(Supplier<Hub> hubs, PublishSpec spec) {
    this.hubs = hubs;
    this.spec = spec;
    this.type = spec.type() == null ? spec.topic() : spec.type();
  }

  /// The node type `Publish`. The hub is asked for when a node opens, so graphs can be checked
  /// without one.
  public static NodeType<PublishSpec> type(Supplier<Hub> hubs) {
    return NodeType.sink(
        "Publish",
        "Publishes each JSON frame as one event on a topic.",
        PublishSpec.class,
        spec -> new PublishNode(hubs, spec));
  }

  @Override
  public void open(NodeContext newContext) {
    context = newContext;
    hub = hubs.get();
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    if (frame.body() instanceof Body.JsonBytes json) {
      gathered.add(
          Message.of(type, json.bytes(), isObject(json.bytes()), frame.timestampMicros() / 1_000)
              .withPriority(spec.priority()));
    } else {
      opened().rejected("not_json", "A frame without a JSON body cannot be published.");
    }
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) {
    publish();
  }

  @Override
  public boolean ready() {
    publish();
    return gathered.isEmpty();
  }

  @Override
  public void finish(Outlet outlet) {
    publish();
  }

  private void publish() {
    if (gathered.isEmpty()) {
      return;
    }
    switch (hub().publish(spec.topic(), gathered)) {
      case PublishOutcome.Accepted accepted -> gathered = new ArrayList<>();
      case PublishOutcome.Refused refused -> publishOneByOne();
      case PublishOutcome.Full full -> waitForRoom();
    }
  }

  /// One message that is refused must not take its neighbours with it.
  private void publishOneByOne() {
    var left = new ArrayDeque<>(gathered);
    for (var message = left.peek(); message != null; message = left.peek()) {
      var outcome = hub().publish(spec.topic(), List.of(message));
      if (outcome instanceof PublishOutcome.Full) {
        waitForRoom();
        break;
      }
      if (outcome instanceof PublishOutcome.Refused(var problem)) {
        opened().rejected("refused", problem.toString());
      }
      left.remove();
    }
    gathered = new ArrayList<>(left);
  }

  private void waitForRoom() {
    if (!waiting.compareAndSet(false, true)) {
      return;
    }
    Runnable again =
        () -> {
          waiting.set(false);
          opened().wake();
        };
    if (!hub().whenRoom(spec.topic(), again)) {
      opened().clock().after(RETRY, again);
    }
  }

  private Hub hub() {
    if (hub == null) {
      throw new IllegalStateException("the node is not open");
    }
    return hub;
  }

  private NodeContext opened() {
    if (context == null) {
      throw new IllegalStateException("the node is not open");
    }
    return context;
  }

  private static boolean isObject(byte[] json) {
    for (byte b : json) {
      if (b > ' ') {
        return b == '{';
      }
    }
    return false;
  }
}
