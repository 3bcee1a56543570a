package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.connect.redis.BusCodec;
import dev.millrace.connect.redis.ClusterSpec;
import dev.millrace.connect.redis.EnvelopeCodec;
import dev.millrace.connect.redis.RedisBroker;
import dev.millrace.core.life.Closer;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import dev.millrace.hub.Hub;
import dev.millrace.hub.HubLoop;
import dev.millrace.hub.HubSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What other instances say need not be what this one would say.
class ClusterPresenceTest {
  private static final String NOTICE =
      "[{\"topic\":\"room\",\"user\":\"alice\",\"connections\":1,\"data\":\"{}\",\"at\":7},"
          + "{\"topic\":\"room\",\"user\":\"bob\",\"connections\":2,\"data\":\"\",\"at\":8}]";

  private final FakeClock clock = new FakeClock();
  private final Closer closer = new Closer();
  private final RedisBroker broker =
      closer.opened(
          new RedisBroker(
              new ClusterSpec(
                  new ClusterSpec.RedisSpec(
                      "redis://127.0.0.1:1", Duration.ofSeconds(1), Duration.ofSeconds(1)),
                  ClusterSpec.defaults().broker(),
                  ClusterSpec.defaults().instanceTimeout()),
              new EnvelopeCodec(BusCodec.RawEvents.WHOLE),
              clock,
              new Metrics()));
  private final ClusterPresence presence = new ClusterPresence(broker.presence());
  private final Hub hub = new Hub(spec(), List.of(new Here()), clock, new Metrics());

  /// A loop that is wherever it is asked for.
  private static final class Here implements HubLoop {
    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public boolean inLoop() {
      return true;
    }
  }

  private static HubSpec spec() {
    var problems = new dev.millrace.core.problem.Problems();
    return dev.millrace.core.document.Documents.parseMapping(
            "test", "presence: { enabled: true }".getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> dev.millrace.core.spec.Spec.of(HubSpec.class).read(tree, problems))
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }

  @AfterEach
  void close() {
    hub.close();
    closer.close();
  }

  @Test
  void aNoticeNamesUsersUntilTheirInstanceGoes() {
    presence.received("early", utf8(NOTICE)); // before there is a hub
    presence.attach(hub);
    presence.received("other", utf8(NOTICE));
    assertThat(hub.presence("room").toCompletableFuture().join()).hasSize(2);
    presence.instanceHeard("other");
    presence.instanceWent("other");
    assertThat(hub.presence("room").toCompletableFuture().join()).isEmpty();
  }

  @Test
  void whateverComesIsTakenOrPassedOver() {
    presence.attach(hub);
    long seed = 20;
    var random = new SplittableRandom(seed);
    var whole = utf8(NOTICE);
    for (int i = 0; i < 3_000; i++) {
      var mutated = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      for (int n = random.nextInt(4); n > 0 && mutated.length > 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(128);
      }
      presence.received("other", mutated);
    }
    for (var odd : List.of("7", "{}", "[7,null,{}]", "[{\"topic\":{},\"user\":[],\"at\":\"x\"}]")) {
      presence.received("other", utf8(odd));
    }
    presence.received("other", utf8(NOTICE));
    assertThat(hub.presence("room").toCompletableFuture().join())
        .as("seed %s", seed)
        .hasSizeGreaterThanOrEqualTo(2);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
