package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PresenceTest {
  private static final String YAML =
      """
      topics: [ { match: "room*", presence: true } ]
      presence: { max_members: 5, instance_timeout: 15s }
      """;

  private final SimulatedLoops loops = new SimulatedLoops(2);
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final List<PresenceState> told = new ArrayList<>();
  private final Hub hub =
      new Hub(
          HubSpecs.of(YAML),
          loops.all(),
          clock,
          metrics,
          HubPorts.LOCAL.withPresenceListener(told::add));
  private final List<Client> clients = new ArrayList<>();

  private final class Client {
    final SimulatedLoops.Loop loop;
    final List<String> received = new ArrayList<>();
    final FakeClient transport;
    final Attendance attendance;

    Client(int loopNumber, String user) {
      loop = loops.loop(loopNumber);
      transport = FakeClient.on(hub, loop, new PlainForm("plain"), received::add);
      attendance = loop.in(() -> transport.session().identify(user));
      loop.in(() -> transport.session().subscribe(List.of("room"), outcomes -> {}));
      loops.run();
      clients.add(this);
    }

    String attend(String data) {
      var objection = loop.in(() -> "" + attendance.attend("room", bytes(data)));
      loops.run();
      return objection;
    }

    void follow() {
      assertThat(loop.in(() -> "" + attendance.follow("room"))).isEqualTo("null");
      loops.run();
    }

    void gone() {
      loop.in(transport::gone);
      loops.run();
    }
  }

  @AfterEach
  void nothingIsLeftBehind() {
    clients.forEach(Client::gone);
    clock.advance(Duration.ofSeconds(60));
    loops.run();
    assertThat(members()).isEmpty();
    assertThat(hub.stats().memoryBytes()).isZero();
    assertThat(hub.stats().subscriptions()).isZero();
    hub.close();
    assertThat(clock.pendingTimers()).isZero();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private List<String> members() {
    var members = hub.presence("room");
    loops.run();
    return members.toCompletableFuture().join().stream()
        .map(one -> one.userId() + " " + one.connections() + " " + text(one.data()))
        .toList();
  }

  private void remote(String instance, String user, int connections, String data, long millis) {
    hub.remotePresence(instance, new PresenceState("room", user, connections, bytes(data), millis));
    loops.run();
  }

  private static String event(String user, String data) {
    return "{\"topic\":\"room\",\"user_id\":\"" + user + "\",\"data\":" + data + "}";
  }

  @Test
  void whoeverIsToldMissesNothingHoweverLateItsLoopHearsThatItIs() {
    int owner = hub.ownerOf("room").number();
    var watcher = new Client(1 - owner, "watcher");
    assertThat(watcher.loop.in(() -> "" + watcher.attendance.follow("room"))).isEqualTo("null");
    assertThat(watcher.loop.in(() -> "" + watcher.attendance.attend("room", bytes("{}"))))
        .isEqualTo("null");
    boolean works = true;
    while (works) {
      works = loops.loop(owner).runOne();
    }
    loops.run();
    assertThat(watcher.received).containsExactly(event("watcher", "{}"));
  }

  @Test
  void aUserComesWithTheFirstConnectionAndGoesWithTheLast() {
    var watcher = new Client(0, "watcher");
    watcher.follow();
    var first = new Client(0, "anna");
    var second = new Client(1, "anna");
    assertThat(first.attend("{\"at\":1}")).isEqualTo("null");
    assertThat(second.attend("{\"at\":1}")).isEqualTo("null");
    assertThat(members()).containsExactly("anna 2 {\"at\":1}");
    assertThat(second.attend("{\"at\":2}")).isEqualTo("null");
    first.gone();
    assertThat(members()).containsExactly("anna 1 {\"at\":2}");
    loops.loop(1).in(() -> second.transport.session().unsubscribe("room"));
    loops.run();
    assertThat(members()).isEmpty();
    assertThat(watcher.received)
        .containsExactly(
            event("anna", "{\"at\":1}"), event("anna", "{\"at\":2}"), event("anna", "{\"at\":2}"));
    assertThat(metrics.count(HubMetric.PRESENCE_EVENTS, "join")).isEqualTo(1);
    assertThat(metrics.count(HubMetric.PRESENCE_EVENTS, "update")).isEqualTo(1);
    assertThat(metrics.count(HubMetric.PRESENCE_EVENTS, "leave")).isEqualTo(1);
    assertThat(told).extracting(PresenceState::connections).containsExactly(1, 2, 2, 1, 0);
    assertThat(told).extracting(PresenceState::timestampMillis).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void theCompanionOfATopicIsHiddenAndOutOfReach() {
    var watcher = new Client(0, "watcher");
    watcher.follow();
    watcher.follow();
    new Client(1, "anna").attend("1");
    var session = watcher.transport.session();
    assertThat(session.topics()).containsExactly("room");
    assertThat(hub.topics()).extracting(TopicStats::name).containsExactly("room");
    assertThat(hub.topic("room\0")).isEmpty();
    assertThat(hub.publish("room\0", List.of(Message.of("t", new byte[1], false, 0))))
        .isInstanceOf(PublishOutcome.Refused.class);
    assertThat(watcher.received).hasSize(1);
    assertThat(watcher.loop.in(() -> watcher.attendance.leave("room"))).isFalse();
    clients.getLast().attend("2");
    assertThat(watcher.received).hasSize(1);
    assertThat(session.topics()).containsExactly("room");
  }

  @Test
  void presenceSaysWhyNot() {
    var client = new Client(0, "anna");
    assertThat(client.attend("x".repeat(4_097))).contains("at most 4096 bytes, not 4097");
    var session = client.transport.session();
    loops.loop(0).in(() -> session.subscribe(List.of("other"), outcomes -> {}));
    loops.run();
    assertThat(loops.loop(0).in(() -> "" + client.attendance.attend("other", bytes("1"))))
        .isEqualTo("the topic does not know who is there");
    assertThat(loops.loop(0).in(() -> "" + client.attendance.follow("room 2")))
        .contains("wants a subscription");
    assertThat(client.attendance.userId()).isEqualTo("anna");
    assertThat(loops.loop(0).in(() -> session.identify("other"))).isSameAs(client.attendance);
    client.gone();
    assertThat(client.attend("1")).isEqualTo("the session is closed");
  }

  @Test
  void aTopicKnowsOnlySoManyUsers() {
    for (int i = 0; i < 7; i++) {
      new Client(i % 2, "user" + i).attend("" + i);
    }
    assertThat(members()).hasSize(5);
    assertThat(metrics.count(HubMetric.PRESENCE_REFUSED)).isEqualTo(2);
    clients.get(6).gone(); // was never listed
    clients.get(0).gone();
    new Client(0, "late").attend("1");
    assertThat(members()).hasSize(5).contains("late 1 1");
  }

  @Test
  void usersOfOtherInstancesCountAsTheOnesHere() {
    var watcher = new Client(0, "watcher");
    watcher.follow();
    long now = clock.epochMillis();
    remote("b", "anna", 2, "\"b\"", now - 10);
    new Client(0, "anna").attend("\"here\"");
    assertThat(members()).containsExactly("anna 3 \"here\"");
    remote("b", "anna", 1, "\"old\"", now - 11); // came late
    assertThat(members()).containsExactly("anna 3 \"here\"");
    remote("b", "anna", 0, "\"b\"", now + 5);
    remote("b", "anna", 4, "\"b\"", now + 4); // overtaken by the one that says it has gone
    assertThat(members()).containsExactly("anna 1 \"here\"");
    remote("c", "ben", 1, "\"c\"", now);
    clients.getLast().gone();
    assertThat(members()).containsExactly("ben 1 \"c\"");
    assertThat(watcher.received)
        .containsExactly(
            event("anna", "\"b\""),
            event("anna", "\"here\""),
            event("ben", "\"c\""),
            event("anna", "\"here\""));
    assertThat(told).extracting(PresenceState::connections).containsExactly(1, 0);
    hub.remotePresence("c", new PresenceState("elsewhere", "x", 1, bytes("1"), now));
    loops.run();
  }

  @Test
  void theUsersOfASilentInstanceAreForgotten() {
    long now = clock.epochMillis();
    remote("b", "anna", 1, "1", now);
    remote("c", "ben", 1, "1", now);
    for (int i = 0; i < 4; i++) {
      clock.advance(Duration.ofSeconds(5));
      hub.remoteInstanceAlive("c");
      loops.run();
    }
    assertThat(members()).containsExactly("ben 1 1");
    assertThat(metrics.count(HubMetric.PRESENCE_EVENTS, "leave")).isEqualTo(1);
  }

  @Test
  void aSessionThatVanishedIsFoundByTheSweep() {
    var client = new Client(0, "anna");
    client.attend("1");
    var lost = new Attendee("ben");
    var owner = hub.ownerOf("room");
    ((SimulatedLoops.Loop) owner.loop())
        .in(() -> owner.presence().attend("room", lost, bytes("2")));
    lost.goes(); // and nobody says so
    loops.run();
    assertThat(members()).containsExactly("anna 1 1", "ben 1 2");
    clock.advance(Duration.ofSeconds(32));
    loops.run();
    assertThat(members()).containsExactly("anna 1 1");
    assertThat(
            hub.localPresence().stream()
                .peek(stage -> loops.run())
                .flatMap(stage -> stage.toCompletableFuture().join().stream())
                .map(PresenceState::userId))
        .containsExactly("anna");
  }

  @Test
  void presenceIsWhatANaiveCountOfConnectionsSays() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var users = List.of("a", "b", "c", "d", "e");
    var attending = new TreeMap<Integer, String>(); // client to data
    var remote = new TreeMap<String, Integer>(); // instance and user to connections
    long millis = clock.epochMillis();
    for (int i = 0; i < 8; i++) {
      new Client(i % 2, users.get(i % users.size()));
    }
    for (int step = 0; step < 20_000; step++) {
      int number = random.nextInt(clients.size());
      var client = clients.get(number);
      switch (random.nextInt(4)) {
        case 0 -> {
          attending.put(number, "" + step);
          loops.loop(number % 2).in(() -> client.attendance.attend("room", bytes("1")));
        }
        case 1 -> {
          boolean known = attending.remove(number) != null;
          assertThat(client.loop.in(() -> client.attendance.leave("room"))).isEqualTo(known);
        }
        case 2 -> {
          var user = users.get(random.nextInt(users.size()));
          int connections = random.nextInt(3);
          var instance = "i" + random.nextInt(2);
          remote.put(instance + " " + user, connections);
          hub.remotePresence(
              instance, new PresenceState("room", user, connections, bytes("1"), ++millis));
        }
        default -> loops.runOne(random);
      }
      if (step % 100 == 0) {
        loops.run();
        var expected = new TreeSet<String>();
        for (var user : users) {
          int count =
              (int)
                  attending.keySet().stream()
                      .filter(i -> users.get(i % users.size()).equals(user))
                      .count();
          count +=
              remote.entrySet().stream()
                  .filter(entry -> entry.getKey().endsWith(" " + user))
                  .mapToInt(java.util.Map.Entry::getValue)
                  .sum();
          if (count > 0) {
            expected.add(user + " " + count + " 1");
          }
        }
        assertThat(members())
            .as("seed %d, step %d", seed, step)
            .containsExactlyElementsOf(expected);
      }
    }
  }
}
