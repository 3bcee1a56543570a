package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.connect.redis.BrokerMetric;
import dev.millrace.connect.redis.ClusterSpec;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.time.SystemClock;
import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubLoop;
import dev.millrace.hub.HubPorts;
import dev.millrace.hub.HubSpec;
import dev.millrace.hub.Message;
import dev.millrace.hub.Position;
import dev.millrace.hub.PresenceMember;
import dev.millrace.hub.PublishOutcome;
import dev.millrace.hub.Receipt;
import dev.millrace.hub.Session;
import dev.millrace.hub.SessionTransport;
import dev.millrace.hub.SubscribeOutcome;
import dev.millrace.hub.Wanted;
import dev.millrace.testkit.Await;
import dev.millrace.testkit.redis.RedisServer;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Hubs of several instances, joined by a real Redis as the server joins them.
class ClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

  @TempDir private Path folder;

  private final SystemClock clock = new SystemClock();
  private final Closer closer = new Closer();

  /// One loop on a thread of its own.
  private static final class Loop implements HubLoop, AutoCloseable {
    private final ExecutorService executor;
    private volatile @Nullable Thread thread; // set once, by itself

    Loop() {
      executor =
          Executors.newSingleThreadExecutor(
              work -> {
                var made = new Thread(work, "loop");
                made.setDaemon(true);
                thread = made;
                return made;
              });
    }

    @Override
    public void execute(Runnable task) {
      executor.execute(task);
    }

    @Override
    public boolean inLoop() {
      return Thread.currentThread().equals(thread);
    }

    /// Like a server's loops it still does what it was told before.
    @Override
    public void close() {
      executor.close();
    }
  }

  private final class Instance implements AutoCloseable {
    final Metrics metrics = new Metrics();
    final Loop loop = new Loop();
    final Cluster cluster;
    final Hub hub;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();
    private boolean closed;

    Instance(ClusterSpec spec, Map<String, String> mappings) {
      cluster = new Cluster(spec, mappings, clock, metrics);
      var ports = cluster.join(HubPorts.LOCAL.withCanonical(WseEnvelope.INSTANCE));
      hub = new Hub(keepingAll(), List.of(loop), clock, metrics, ports);
      cluster.start(hub);
      Await.until("Redis is connected", this::isWell);
    }

    boolean isWell() {
      return java.util.Objects.requireNonNull(cluster.health().get("cluster")).healthy();
    }

    void publish(String topic, int n) {
      var payload = ("{\"n\":" + n + "}").getBytes(StandardCharsets.UTF_8);
      var message = Message.of("number", payload, true, clock.epochMillis());
      assertThat(hub.publish(topic, List.of(message))).isInstanceOf(PublishOutcome.Accepted.class);
    }

    int present(String topic) {
      return members(topic).stream().mapToInt(PresenceMember::connections).sum();
    }

    List<PresenceMember> members(String topic) {
      return hub.presence(topic).toCompletableFuture().join();
    }

    Session open(SessionTransport transport) {
      var opened = new CompletableFuture<Session>();
      loop.execute(() -> opened.complete(hub.open(loop, WseEnvelope.INSTANCE, transport)));
      sessions.add(opened.join());
      return opened.join();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        cluster.close();
        sessions.forEach(session -> loop.execute(session::close));
        hub.close();
        loop.close();
      }
    }
  }

  /// A session that keeps the numbers it was sent.
  private static final class Client implements SessionTransport {
    final List<Integer> numbers = new CopyOnWriteArrayList<>();
    final List<String> frames = new CopyOnWriteArrayList<>();
    private final Instance on;
    private final Session session;

    Client(Instance on) {
      this.on = on;
      session = on.open(this);
    }

    SubscribeOutcome subscribe(Wanted wanted) {
      var answer = new CompletableFuture<SubscribeOutcome>();
      on.loop.execute(
          () ->
              session.subscribeTo(List.of(wanted), answers -> answer.complete(answers.getFirst())));
      return answer.orTimeout(10, java.util.concurrent.TimeUnit.SECONDS).join();
    }

    void attend(String topic, String user) {
      var done = new CompletableFuture<@Nullable String>();
      on.loop.execute(
          () ->
              done.complete(
                  session.identify(user).attend(topic, "{}".getBytes(StandardCharsets.UTF_8))));
      assertThat(done.join()).isNull();
    }

    void leave() {
      on.loop.execute(session::close);
    }

    void awaitLast(int n) {
      Await.until(
          PATIENCE,
          () -> numbers.contains(n),
          () -> n + " never came; of " + numbers.size() + " the last are " + frames);
    }

    @Override
    public void write(ByteBuf bytes) {
      var text = bytes.toString(StandardCharsets.UTF_8);
      bytes.release();
      frames.add(text);
      NUMBER.matcher(text).results().forEach(one -> numbers.add(Integer.valueOf(one.group(1))));
    }

    @Override
    public boolean flush() {
      return true;
    }

    @Override
    public void close(int code, String reason) {}
  }

  private static HubSpec keepingAll() {
    var problems = new dev.millrace.core.problem.Problems();
    return dev.millrace.core.document.Documents.parseMapping(
            "test",
            "recovery: { enabled: true }\npresence: { enabled: true }"
                .getBytes(StandardCharsets.UTF_8),
            problems)
        .flatMap(tree -> dev.millrace.core.spec.Spec.of(HubSpec.class).read(tree, problems))
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }

  private static ClusterSpec spec(RedisServer redis, ClusterSpec.Mode mode) {
    var defaults = ClusterSpec.defaults().broker();
    return new ClusterSpec(
        new ClusterSpec.RedisSpec(redis.url(), PATIENCE, PATIENCE),
        new ClusterSpec.BrokerSpec(
            mode,
            8_192,
            new ByteSize(64 << 20),
            4_096,
            131_072,
            defaults.echoTimeout(),
            Duration.ofSeconds(1),
            defaults.streamMaxLength(),
            defaults.streamMaxAge()),
        ClusterSpec.defaults().instanceTimeout());
  }

  private Instance instance(RedisServer redis, ClusterSpec.Mode mode) {
    return closer.opened(new Instance(spec(redis, mode), Map.of("OrderShipped", "shipped")));
  }

  private RedisServer redis() {
    return closer.opened(RedisServer.start(folder));
  }

  @BeforeEach
  void thereIsARedis() {
    var why = RedisServer.missing();
    assumeTrue(why == null, String.valueOf(why));
  }

  @AfterEach
  void stop() {
    closer.close();
    clock.close();
  }

  @Test
  void whoComesBackToAnotherInstanceIsSentWhatItMissed() {
    var redis = redis();
    var one = instance(redis, ClusterSpec.Mode.STREAMS);
    var client = new Client(one);
    assertThat(client.subscribe(Wanted.all("a"))).isEqualTo(new SubscribeOutcome.Subscribed("a"));
    for (int n = 1; n <= 100; n++) {
      one.publish("a", n);
    }
    client.awaitLast(100);
    var place = one.hub.topic("a").orElseThrow();
    assertThat(place.offset()).isEqualTo(100);

    var other = instance(redis, ClusterSpec.Mode.STREAMS);
    var back = new Client(other);
    assertThat(back.subscribe(Wanted.all("a").after(new Position(place.epoch(), 90))))
        .isEqualTo(new SubscribeOutcome.Resumed("a", place.epoch(), 100, true, 10));
    one.publish("a", 101);
    back.awaitLast(101);
    assertThat(back.numbers).containsExactly(91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 101);
    var late = new Client(other);
    assertThat(late.subscribe(Wanted.all("a").after(new Position(place.epoch() + 1, 90))))
        .isEqualTo(new SubscribeOutcome.Resumed("a", place.epoch(), 101, false, 0));
    assertThat(late.numbers).isEmpty();
  }

  @Test
  void aTopicThatIsPublishedOnWithoutSubscribersIsKeptWhereItWasPublished() {
    var redis = redis();
    var one = instance(redis, ClusterSpec.Mode.STREAMS);
    var other = instance(redis, ClusterSpec.Mode.STREAMS);
    var receipt =
        other
            .hub
            .publishAndAwait("b", List.of(Message.of("t", new byte[] {'1'}, false, 0)))
            .toCompletableFuture();
    Await.until("it stands in the log", receipt::isDone);
    int epoch = ((Receipt.Appended) receipt.join()).epoch();
    one.publish("b", 2);
    var back = new Client(one);
    back.subscribe(Wanted.all("b").after(new Position(epoch, 0)));
    back.awaitLast(2);
    assertThat(back.frames.toString()).contains("\"p\":{\"data\":1}");
  }

  @Test
  void afterAnOutageAStreamGoesOnWhereItWasAndNobodyIsSentAnythingTwice() {
    var redis = redis();
    var one = instance(redis, ClusterSpec.Mode.STREAMS);
    var client = new Client(one);
    client.subscribe(Wanted.all("a"));
    one.publish("a", 1);
    client.awaitLast(1);
    redis.kill();
    Await.until("it is noticed", () -> !one.isWell());
    one.publish("a", 2);
    client.awaitLast(2);
    redis.start();
    Await.until("it is back", () -> one.isWell());
    one.publish("a", 3);
    client.awaitLast(3);
    assertThat(client.numbers).containsExactly(1, 2, 3);
    assertThat(one.hub.topic("a").orElseThrow().offset()).isEqualTo(1);
    assertThat(one.metrics.count(BrokerMetric.DEAD_LETTERS, "publish_failed")).isEqualTo(1);
  }

  @Test
  void whatOtherProgramsPublishBecomesAnEnvelope() {
    var redis = redis();
    var one = instance(redis, ClusterSpec.Mode.PUBSUB);
    var client = new Client(one);
    client.subscribe(Wanted.all("orders"));
    assertThat(redis.command("PUBLISH", "wse:nobody", "{\"n\":0}")).isEqualTo(":0");
    var first = "{\"event_type\":\"OrderShipped\",\"n\":1}";
    assertThat(redis.command("PUBLISH", "wse:orders", first)).isEqualTo(":1");
    redis.command("PUBLISH", "wse:orders", "{\"event_type\":\"OrderPaid\",\"payload\":{\"n\":2}}");
    redis.command("PUBLISH", "wse:orders", "[3]");
    redis.command("PUBLISH", "wse:orders", "{\"t\":\"done\",\"p\":{\"n\":4}}");
    client.awaitLast(4);
    assertThat(String.join("", client.frames))
        .contains("\"t\":\"shipped\"", "\"p\":{\"event_type\":\"OrderShipped\",\"n\":1}")
        .contains("\"t\":\"orderpaid\"", "\"p\":{\"n\":2}")
        .contains("\"t\":\"orders\"", "\"p\":{\"data\":[3]}")
        .contains("\"t\":\"done\"");
  }

  @Test
  void usersOfAllInstancesAreKnownAndThoseOfOneThatWentAreNot() {
    var redis = redis();
    var one = instance(redis, ClusterSpec.Mode.PUBSUB);
    var near = new Client(one);
    near.subscribe(Wanted.all("room"));
    near.attend("room", "alice");
    var other = instance(redis, ClusterSpec.Mode.PUBSUB);
    Await.until("who was there before is told", () -> other.present("room") == 1);
    var far = new Client(other);
    far.subscribe(Wanted.all("room"));
    far.attend("room", "bob");
    var farToo = new Client(other);
    farToo.subscribe(Wanted.all("room"));
    farToo.attend("room", "alice");
    Await.until("all are known here", () -> one.present("room") == 3);
    assertThat(one.members("room"))
        .extracting(PresenceMember::userId)
        .containsExactly("alice", "bob");
    far.leave();
    Await.until("one left", () -> one.present("room") == 2);
    redis.kill();
    Await.until("it is noticed", () -> !other.isWell());
    farToo.leave();
    redis.start();
    Await.until("who left meanwhile is told", () -> one.present("room") == 1);
    var again = new Client(other);
    again.subscribe(Wanted.all("room"));
    again.attend("room", "carol");
    Await.until("she is known", () -> one.present("room") == 2);
    other.close();
    Await.until("they went with their instance", () -> one.present("room") == 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = ClusterSpec.Mode.class,
      names = {"PUBSUB", "STREAMS"})
  void aPatternHearsTopicsThatOnlyAnotherInstanceKnows(ClusterSpec.Mode mode) {
    var redis = redis();
    var one = instance(redis, mode);
    var other = instance(redis, mode);
    var client = new Client(one);
    client.subscribe(Wanted.all("user:*"));
    assertThat(redis.command("PUBSUB", "NUMPAT")).as("it was acknowledged").isEqualTo(":1");
    for (int n = 1; n <= 20; n++) {
      other.publish("user:" + n % 3, n);
    }
    Await.until("all came", () -> client.numbers.size() >= 20);
    assertThat(client.numbers).hasSize(20).doesNotHaveDuplicates();
  }
}
