package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A hub on simulated loops with clients that remember what they received.
final class HubFixture {
  final SimulatedLoops loops;
  final FakeClock clock = new FakeClock();
  final Metrics metrics = new Metrics();
  final Hub hub;
  final WireForm form = new PlainForm("plain");
  private final List<Client> clients = new ArrayList<>();

  HubFixture(int loopCount, String... keys) {
    this(loopCount, HubSpecs.with(keys));
  }

  /// Topics may keep messages.
  HubFixture(int loopCount, HubSpec spec) {
    loops = new SimulatedLoops(loopCount);
    hub = new Hub(spec, loops.all(), clock, metrics, HubPorts.LOCAL.withCanonical(form));
  }

  final class Client {
    final SimulatedLoops.Loop loop;
    final List<String> received = new ArrayList<>();
    final List<SubscribeOutcome> answers = new ArrayList<>();
    final FakeClient transport;

    Client(int loopNumber, WireForm spoken) {
      loop = loops.loop(loopNumber);
      transport = FakeClient.on(hub, loop, spoken, received::add);
      clients.add(this);
    }

    Client subscribe(Wanted... wanted) {
      in(session -> session.subscribeTo(List.of(wanted), answers::addAll));
      loops.run();
      return this;
    }

    Client subscribe(String... topics) {
      in(session -> session.subscribe(List.of(topics), answers::addAll));
      loops.run();
      return this;
    }

    boolean unsubscribe(String topic) {
      boolean known = loop.in(() -> transport.session().unsubscribe(topic));
      loops.run();
      return known;
    }

    void in(Consumer<Session> work) {
      loop.in(() -> work.accept(transport.session()));
      loops.run();
    }

    void readOn() {
      loop.in(transport::readOn);
      loops.run();
    }

    List<String> takeReceived() {
      var taken = List.copyOf(received);
      received.clear();
      return taken;
    }
  }

  Client client() {
    return new Client(0, form);
  }

  Client client(int loop) {
    return new Client(loop, form);
  }

  Client client(WireForm spoken) {
    return new Client(0, spoken);
  }

  void publish(String topic, String... texts) {
    for (var text : texts) {
      publish(topic, Priority.NORMAL, text);
    }
    loops.run();
  }

  void publish(String topic, Priority priority, String text) {
    var message = Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0);
    assertThat(hub.publish(topic, List.of(message.withPriority(priority))))
        .isEqualTo(new PublishOutcome.Accepted(1));
  }

  void advanceMillis(long millis) {
    clock.advance(Duration.ofMillis(millis));
    loops.run();
  }

  /// Closes every connection and makes sure that nothing is left of them.
  void close() {
    clients.forEach(client -> client.loop.in(client.transport::gone));
    loops.run();
    assertThat(hub.stats().memoryBytes()).isZero();
    assertThat(hub.stats().sessions()).isZero();
    assertThat(hub.stats().subscriptions()).isZero();
  }

  /// A topic whose loop is `loop`.
  String topicOn(int loop) {
    for (int i = 0; ; i++) {
      if (hub.ownerOf("topic" + i).number() == loop) {
        return "topic" + i;
      }
    }
  }

  /// The payload of a frame of [PlainForm].
  static String text(FrameView frame) {
    return frame.buffer().toString(frame.start() + 4, frame.length() - 4, StandardCharsets.UTF_8);
  }
}
