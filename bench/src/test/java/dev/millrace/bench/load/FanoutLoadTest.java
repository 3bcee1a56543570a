package dev.millrace.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.reference.ReferenceHub;
import dev.millrace.bench.websocket.FrameHeader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FanoutLoadTest {
  private static final int BROKEN = 70; // the message that a script treats badly
  private static final LoadSpec SPEC =
      new LoadSpec(
          3,
          64,
          new Pace.OpenLoop(400),
          Duration.ofMillis(50),
          Duration.ofMillis(300),
          Duration.ofSeconds(1));

  @Test
  void aFaithfulServerHasNoFaults() throws IOException {
    try (var hub = new ScriptedHub(FanoutLoadTest::faithful)) {
      var result = load(hub);

      assertThat(result.faults().none()).as(result.toString()).isTrue();
      assertThat(result.delivered()).isBetween(200L, 400L);
      assertThat(result.published()).isBetween(80L, 125L);
      assertThat(result.wireBytes())
          .isEqualTo(FrameHeader.wireBytes(64 + "U{'t':'bench','p':,'v':1}".length()));
      assertThat(result.bytes()).isEqualTo(result.delivered() * result.wireBytes());
      assertThat(result.latency().p50()).isPositive();
      assertThat(result.latency().max()).isGreaterThanOrEqualTo(result.latency().p99());
      assertThat(result.deliveriesPerServerCpuSecond()).isNaN();
      assertThat(hub.heard()).contains("{\"t\":\"PONG\",\"p\":{}}", "hello");
    }
  }

  @Test
  void aMessageLostOnTheWayIsOneGap() throws IOException {
    var result =
        loadWith(
            (hub, number, subscriber, payload) -> {
              if (number != BROKEN || subscriber != 1) {
                hub.deliver(subscriber, payload);
              }
            });

    assertThat(result.faults()).isEqualTo(new LoadResult.Faults(1, 1, 0, 0, null));
  }

  @Test
  void messagesLostAtTheEndAreLostToo() throws IOException {
    var result =
        loadWith(
            (hub, number, subscriber, payload) -> {
              if (number < BROKEN || subscriber != 2) {
                hub.deliver(subscriber, payload);
              }
            });

    assertThat(result.faults().lost()).isPositive();
    assertThat(result.faults().gaps()).isZero();
    assertThat(result.faults().none()).isFalse();
  }

  @Test
  void aRepeatedMessageIsCounted() throws IOException {
    var result =
        loadWith(
            (hub, number, subscriber, payload) -> {
              hub.deliver(subscriber, payload);
              if (number == BROKEN) {
                hub.deliver(subscriber, payload);
              }
            });

    assertThat(result.faults()).isEqualTo(new LoadResult.Faults(0, 0, 3, 0, null));
  }

  @Test
  void messagesInTheWrongOrderAreAGapAndARepetition() throws IOException {
    var held = new ArrayList<String>();
    var result =
        loadWith(
            (hub, number, subscriber, payload) -> {
              if (subscriber == 0 && number == BROKEN) {
                held.add(payload);
                return;
              }
              hub.deliver(subscriber, payload);
              if (subscriber == 0 && number == BROKEN + 1) {
                hub.deliver(subscriber, held.getFirst());
              }
            });

    assertThat(result.faults()).isEqualTo(new LoadResult.Faults(1, 1, 1, 0, null));
  }

  @Test
  void aSubscriberThatTheServerClosesIsDead() throws IOException {
    var result =
        loadWith(
            (hub, number, subscriber, payload) -> {
              if (number == BROKEN && subscriber == 0) {
                hub.hangUp(subscriber);
              } else {
                hub.deliver(subscriber, payload);
              }
            });

    assertThat(result.faults().dead()).isEqualTo(1);
    assertThat(result.faults().complaint()).contains("772 enough");
    assertThat(result.faults().none()).isFalse();
  }

  @Test
  void aServerThatDeliversNothingIsToldSo() {
    assertThatThrownBy(() -> loadWith((hub, number, subscriber, payload) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0 of 3 subscribers on /wse?topics=bench");
  }

  @Test
  void aServerThatIsNotThereIsToldSo() throws IOException {
    int unused;
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = taken.getLocalPort();
    }
    var target = Target.reference(URI.create("http://127.0.0.1:" + unused));

    assertThatThrownBy(() -> FanoutLoad.run(SPEC, target, () -> Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:" + unused);
  }

  @Test
  void theReferenceHubDeliversEverythingInAClosedLoop() throws Exception {
    var hub = new ReferenceHub(0, ReferenceHub.BACKLOG_LIMIT_BYTES);
    try (var threads = Executors.newSingleThreadExecutor()) {
      var run =
          threads.submit(
              () -> {
                hub.run();
                return null;
              });
      var spec =
          new LoadSpec(
              20,
              200,
              new Pace.ClosedLoop(64),
              Duration.ofMillis(50),
              Duration.ofMillis(300),
              Duration.ofSeconds(5));

      var target = Target.reference(URI.create("http://127.0.0.1:" + hub.address().getPort()));
      var result = FanoutLoad.run(spec, target, () -> Duration.ZERO);

      assertThat(result.faults().none()).as(result.toString()).isTrue();
      assertThat(result.delivered()).isGreaterThan(10_000);
      assertThat(result.wireBytes()).isEqualTo(204);
      assertThatThrownBy(
              () ->
                  FanoutLoad.run(
                      spec, new Target(hub.address(), "/nowhere", "/pub"), () -> Duration.ZERO))
          .hasMessageContaining("refused /nowhere")
          .hasMessageContaining("404");
      hub.stop();
      run.get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void aLoadThatCannotBeLaidIsRefused() {
    assertThatThrownBy(() -> SPEC.withPayloadBytes(LoadSpec.MIN_PAYLOAD_BYTES - 1))
        .hasMessageContaining("payloadBytes 35");
    assertThatThrownBy(() -> SPEC.withSubscribers(0)).hasMessageContaining("subscribers 0");
    assertThatThrownBy(() -> SPEC.withTimes(Duration.ZERO, Duration.ofSeconds(-1)))
        .hasMessageContaining("negative");
    assertThatThrownBy(() -> new Pace.ClosedLoop(0)).hasMessageContaining("window 0");
    assertThatThrownBy(() -> new Pace.OpenLoop(0)).hasMessageContaining("messagesPerSecond 0");
    assertThatThrownBy(() -> new Target(new InetSocketAddress("192.0.2.1", 80), "/sub", "/pub"))
        .hasMessageContaining("not a loopback address");
  }

  private static void faithful(ScriptedHub hub, int number, int subscriber, String payload) {
    hub.deliver(subscriber, payload);
  }

  private static LoadResult loadWith(ScriptedHub.Script script) throws IOException {
    try (var hub = new ScriptedHub(script)) {
      return load(hub);
    }
  }

  private static LoadResult load(ScriptedHub hub) throws IOException {
    return FanoutLoad.run(SPEC, hub.target(), () -> Duration.ZERO);
  }
}
