package dev.millrace.connect.jetstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.connect.ConnectMetric;
import dev.millrace.connect.TestData;
import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.Progress;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.SourceRun;
import dev.millrace.testkit.node.TestNodeContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JetstreamSourceTest {
  private static final List<byte[]> EVENTS = TestData.events(3_000);

  private StandInServer server = newServer();

  @BeforeEach
  @AfterEach
  void freshServer() {
    server.close();
    server = newServer();
  }

  @Test
  void receivesEveryEventInOrderByteForByte() throws Exception {
    try (var context = new TestNodeContext();
        var run = open("", context)) {
      receive(run, 3_000);

      assertThat(bytes(run)).containsExactlyElementsOf(EVENTS);
      assertThat(run.position())
          .isEqualTo(
              dev.millrace.core.node.SourcePosition.repeating(
                  "jetstream", run.outputs().getLast().timestampMicros()));
      assertThat(server.requests.getFirst().path()).isEqualTo("/subscribe");
      assertThat(server.requests.getFirst().query()).isEmpty();
      assertThat(context.metrics().count(ConnectMetric.JETSTREAM_EVENTS, "test", "node"))
          .isEqualTo(3_000);
      assertThat(isConnected(context)).isTrue();
    }
  }

  @Test
  void afterADropTheStreamGoesOnWithoutAGap() throws Exception {
    server.dropAfter = 700;
    try (var context = new TestNodeContext();
        var run = open("sound_after: 0s\n", context)) {
      receive(run, 3_000 + 4); // the cursor is inclusive: each reconnect repeats one event

      assertThat(new LinkedHashSet<>(texts(run))).containsExactlyElementsOf(texts(EVENTS));
      assertThat(server.requests).hasSizeGreaterThanOrEqualTo(5);
      assertThat(server.requests.get(1).queryValue("cursor"))
          .contains(Long.toString(run.outputs().get(699).timestampMicros()));
      assertThat(context.troubles().getFirst())
          .contains("closed the connection (1001, server shutting down)", "connecting to");
      assertThat(context.trouble()).isNull();
    }
  }

  @Test
  void anotherServerIsAskedFromSomeSecondsBefore() throws Exception {
    server.dropAfter = 1_000;
    try (var other = new StandInServer(EVENTS);
        var context = new TestNodeContext();
        var run = open(server.address(), other.address(), "rewind: 1s\n", context)) {
      receiveUntil(run, () -> texts(run).contains(texts(EVENTS).getLast()));

      long cursor = Long.parseLong(other.requests.getFirst().queryValue("cursor").orElse("0"));
      assertThat(cursor).isEqualTo(run.outputs().get(999).timestampMicros() - 1_000_000);
      assertThat(new LinkedHashSet<>(texts(run))).containsExactlyElementsOf(texts(EVENTS));
    }
  }

  @Test
  void aRestartGoesOnFromTheCommittedCursor() throws Exception {
    long cursor = ((JetstreamEvent) JetstreamEvent.read(EVENTS.get(1_999))).timeUs();
    try (var context = new TestNodeContext().resuming("jetstream", cursor);
        var run = open("", context)) {
      server.early = 50; // as a server may, which begins at the start of a segment
      receive(run, 1_001);

      assertThat(bytes(run)).containsExactlyElementsOf(EVENTS.subList(1_999, 3_000));
      assertThat(context.metrics().count(ConnectMetric.JETSTREAM_BEFORE_CURSOR, "test", "node"))
          .isEqualTo(50);
    }
  }

  @Test
  void aServerThatLostWhatWasAskedForIsCounted() throws Exception {
    long cursor = TestData.START_US - 60_000_000;
    try (var context = new TestNodeContext().resuming("jetstream", cursor);
        var run = open("", context)) {
      receive(run, 10);

      assertThat(context.metrics().count(ConnectMetric.JETSTREAM_GAPS, "test", "node"))
          .isEqualTo(1);
    }
  }

  @Test
  void garbageIsCountedAndTheEventsBehindItCome() throws Exception {
    server.garbage = List.of("secret", "[]", "{\"did\":\"secret\"}", "");
    try (var context = new TestNodeContext();
        var run = open("", context)) {
      receive(run, 100);

      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("not_json", "not_an_object", "incomplete_event", "not_json");
      assertThat(context.rejections())
          .allSatisfy(
              rejection ->
                  assertThat(rejection.sentence())
                      .contains(server.address())
                      .doesNotContain("secret"));
    }
  }

  @Test
  void aSilentServerIsLeftForTheNext() throws Exception {
    server.silent = true;
    try (var other = new StandInServer(EVENTS);
        var context = new TestNodeContext();
        var run = open(server.address(), other.address(), "silence: 45s\n", context)) {
      receiveUntil(run, () -> server.connections.size() == 1 && isConnected(context));
      context.clock().advance(Duration.ofSeconds(45));
      receive(run, 100);

      assertThat(context.troubles().getFirst()).contains("was silent for 45s");
      assertThat(context.clock().nanoTime()).isGreaterThan(Duration.ofSeconds(44).toNanos());
      assertThat(bytes(run).subList(0, 100)).containsExactlyElementsOf(EVENTS.subList(0, 100));
    }
  }

  @Test
  void aSlowPipelineMakesTheServerWaitAndMissesNothing() throws Exception {
    var many = new ArrayList<byte[]>();
    for (int i = 0; i < 12; i++) {
      many.addAll(EVENTS); // more than sockets hold
    }
    try (var busy = new StandInServer(many);
        var context = new TestNodeContext();
        var run = open(busy.address(), "", "queue_events: 64\n", context)) {
      receive(run, 10);
      await("the server to be stuck", () -> stuck(busy));
      int stuckAt = busy.sent.get();
      assertThat(stuckAt).isLessThan(many.size());
      context.clock().advance(Duration.ofMinutes(5)); // our own slowness is not its silence
      receive(run, many.size());

      assertThat(bytes(run)).containsExactlyElementsOf(many);
      assertThat(busy.requests).hasSize(1);
    }
  }

  @Test
  void aRefusalOfOurRequestIsSaidAndTriedSlowly() throws Exception {
    server.refuseWith = 400;
    try (var context = new TestNodeContext();
        var run = open("wanted_collections: [bad]\n", context)) {
      receiveUntil(run, () -> context.trouble() != null);
      assertThat(context.trouble())
          .contains("answered 400 to our own request: invalid wantedCollections", "in 30s");
      server.refuseWith = 503;
      receiveUntil(run, () -> context.troubles().size() > 1);
      assertThat(context.trouble()).contains("answered 503");
      server.refuseWith = 0;
      receive(run, 5);
      assertThat(context.trouble()).isNull();
      assertThat(server.requests.getLast().query().get("wantedCollections")).containsExactly("bad");
    }
  }

  @Test
  void manyAccountsAreAskedForInAMessage() throws Exception {
    var dids = new StringBuilder("wanted_collections: [app.bsky.*]\nwanted_dids:\n");
    for (int i = 0; i < 600; i++) {
      dids.append("  - did:plc:").append(i).append('\n');
    }
    try (var context = new TestNodeContext();
        var run = open(dids.toString(), context)) {
      receive(run, 5);

      assertThat(server.requests.getFirst().query()).doesNotContainKey("wantedDids");
      assertThat(server.messages.getFirst())
          .startsWith("{\"type\":\"options_update\",\"payload\":{\"wantedCollections\":")
          .contains("\"did:plc:599\"]}}");
    }
  }

  @Test
  void drainingDeliversWhatIsInHandAndEnds() throws Exception {
    try (var context = new TestNodeContext();
        var run = open("queue_events: 100\n", context)) {
      receive(run, 1);
      await(
          "a full queue",
          () -> exposition(context).contains("queued_events{node=\"node\",pipeline=\"test\"} 100"));
      int before = run.outputs().size();
      run.drain();
      int polls = 0;
      while (!run.done() && polls++ < 100) {
        run.poll(64);
      }

      assertThat(run.done()).isTrue();
      assertThat(run.outputs()).hasSize(before + 100);
      assertThat(bytes(run)).containsExactlyElementsOf(EVENTS.subList(0, run.outputs().size()));
    }
  }

  @Test
  void nobodyThereIsTroubleWithGrowingWaits() throws Exception {
    var gone = server.address();
    freshServer();
    try (var context = new TestNodeContext();
        var run = open(gone, "", "", context)) {
      receiveUntil(run, () -> context.troubles().size() >= 6);

      assertThat(context.clock().nanoTime())
          .isBetween(Duration.ofSeconds(7).toNanos(), Duration.ofSeconds(60).toNanos());
      run.drain();
      run.poll(1);
      assertThat(run.done()).isTrue();
    }
  }

  @Test
  void backoffDoublesWithinItsLimitsAndStartsAgain() {
    var backoff =
        new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new SplittableRandom(1));
    long whole = 500_000_000;
    for (int i = 0; i < 12; i++) {
      assertThat(backoff.nextNanos()).isBetween(whole / 2, whole);
      whole = Math.min(whole * 2, 30_000_000_000L);
    }
    backoff.reset();
    assertThat(backoff.nextNanos()).isLessThanOrEqualTo(500_000_000);
  }

  @Test
  void theCursorNeverMovesBack() {
    var cursor = new Cursor(OptionalLong.empty(), Duration.ofSeconds(5), 2);
    var one = URI.create("ws://one");
    assertThat(cursor.position()).isNull();
    assertThat(cursor.at(one)).isEmpty();
    cursor.advance(50_000_000, one);
    cursor.advance(49_000_000, one);
    assertThat(cursor.at(one)).hasValue(50_000_000);
    assertThat(cursor.at(URI.create("ws://two"))).hasValue(45_000_000);
    assertThat(cursor.isEarly(44_999_999)).isTrue();
    assertThat(cursor.isEarly(45_000_000)).isFalse();
    assertThat(cursor.isEarly(44_999_999)).isFalse(); // a step back within the stream
  }

  @Test
  void addressesAreNamesOrAddresses() {
    assertThat(Subscription.address("example.org")).hasToString("wss://example.org/subscribe");
    assertThat(Subscription.address("ws://localhost:6008/"))
        .hasToString("ws://localhost:6008/subscribe");
    assertThat(Subscription.address("wss://[::1]:1/x?y=1")).hasToString("wss://[::1]:1/x?y=1");
    assertThatThrownBy(() -> Subscription.address("http://a")).hasMessageContaining("http://a");
    assertThatThrownBy(() -> Subscription.address("a b")).hasMessageContaining("host name");
    var subscription = new Subscription(List.of("app.bsky.*"), List.of("did:plc:a"));
    assertThat(subscription.uri(URI.create("ws://h/s?x=1"), OptionalLong.of(7)))
        .hasToString("ws://h/s?x=1&wantedCollections=app.bsky.*&wantedDids=did%3Aplc%3Aa&cursor=7");
  }

  @Test
  void theConfigurationSaysWhatIsWrong() {
    assertThat(config("").hosts()).isEqualTo(JetstreamConfig.PUBLIC_HOSTS);
    assertThat(problems("hosts: [\"ftp://x\"]\n")).contains("hosts has \"ftp://x\"");
    assertThat(problems("min_backoff: 20s\nmax_backoff: 5s\n")).contains("max_backoff is shorter");
    var many = new StringBuilder("wanted_collections:\n");
    for (int i = 0; i < 101; i++) {
      many.append("  - a.b.c").append(i).append('\n');
    }
    assertThat(problems(many.toString())).contains("wanted_collections has 101 entries");
  }

  private static boolean isConnected(TestNodeContext context) {
    return exposition(context).contains("jetstream_connected{node=\"node\",pipeline=\"test\"} 1");
  }

  private static String exposition(TestNodeContext context) {
    return new String(context.metrics().exposition(), StandardCharsets.UTF_8);
  }

  private boolean stuck(StandInServer busy) {
    return busy.connections.stream().anyMatch(connection -> connection.unfinished() > 0)
        || busy.sent.get() == EVENTS.size();
  }

  private SourceRun open(String yaml, TestNodeContext context) throws Exception {
    return open(server.address(), "", yaml, context);
  }

  private SourceRun open(String first, String second, String yaml, TestNodeContext context)
      throws Exception {
    var hosts = second.isEmpty() ? List.of(first) : List.of(first, second);
    var config = config("hosts: [\"" + String.join("\", \"", hosts) + "\"]\n" + yaml);
    var node = (JetstreamSource) JetstreamSource.type(server::loops).factory().apply(config);
    return NodeHarness.open(node, context);
  }

  private static void receive(SourceRun run, int count) throws Exception {
    receiveUntil(run, () -> run.outputs().size() >= count);
  }

  /// Polls; passes the time between attempts to connect, but not the time of a silent server.
  private static void receiveUntil(SourceRun run, BooleanSupplier enough) throws Exception {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    var clock = run.context().clock();
    while (!enough.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "after 20 s: " + run.outputs().size() + " events, " + run.context().troubles());
      }
      switch (run.poll(64)) {
        case Progress.At(long nanos)
            when nanos - clock.nanoTime() <= Duration.ofSeconds(31).toNanos() ->
            clock.advance(Duration.ofNanos(Math.max(0, nanos - clock.nanoTime())));
        case Progress.At at -> waitForNews(run);
        case Progress.Await() -> waitForNews(run);
        case Progress.More() -> {}
        case Progress.Done() -> throw new AssertionError("the source has ended");
      }
    }
  }

  private static void waitForNews(SourceRun run) {
    try {
      run.context().awaitWake(Duration.ofMillis(200));
    } catch (AssertionError nothingCame) {
      Thread.onSpinWait(); // the deadline above decides
    }
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited 10 s for " + what);
      }
      Thread.onSpinWait();
    }
  }

  private static JetstreamConfig config(String yaml) {
    var problems = new Problems();
    return read(yaml, problems).orElseThrow(() -> new AssertionError(problems.toString()));
  }

  private static String problems(String yaml) {
    var problems = new Problems();
    assertThat(read(yaml, problems)).isEmpty();
    return problems.toString();
  }

  private static java.util.Optional<JetstreamConfig> read(String yaml, Problems problems) {
    Tree tree =
        Documents.parse("t.yaml", yaml.getBytes(StandardCharsets.UTF_8), problems).orElseThrow();
    return Spec.of(JetstreamConfig.class).read(tree, problems);
  }

  private static List<byte[]> bytes(SourceRun run) {
    return run.outputs().stream().map(frame -> ((Body.JsonBytes) frame.body()).bytes()).toList();
  }

  private static List<String> texts(SourceRun run) {
    return run.outputs().stream().map(Frame::body).map(Object::toString).toList();
  }

  private static List<String> texts(List<byte[]> events) {
    return events.stream().map(event -> new String(event, StandardCharsets.UTF_8)).toList();
  }

  private static StandInServer newServer() {
    try {
      return new StandInServer(EVENTS);
    } catch (dev.millrace.core.problem.ProblemException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
