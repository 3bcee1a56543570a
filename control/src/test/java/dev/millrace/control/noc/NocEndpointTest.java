package dev.millrace.control.noc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.telemetry.FakeProcess;
import dev.millrace.control.telemetry.LogRecorder;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Role;
import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.Signal;
import dev.millrace.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NocEndpointTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private record Happened(int number, String text) implements Signal {}

  private record Nothing() implements Signal {}

  @Test
  void theWholePictureComesFirstThenEventsWithNumbers()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      noc.process.generation = 3;
      noc.process.pipelines = List.of(FakeProcess.view("labels", 10, 0));
      noc.process.bus.announce(new Happened(0, "before"));
      noc.process.await(Happened.class, 1);
      var console = noc.connect("?role=viewer");
      var hello = console.next();
      assertThat(hello.propertyNames())
          .containsExactly(
              "type",
              "server_time",
              "version",
              "generation",
              "boot_id",
              "n",
              "market",
              "assets",
              "arena",
              "telemetry",
              "pipelines",
              "clients",
              "role",
              "capabilities");
      assertThat(hello.path("type").asString()).isEqualTo("hello");
      assertThat(hello.path("server_time").asString()).isEqualTo("2025-06-15T15:06:40Z");
      assertThat(hello.path("generation").asInt()).isEqualTo(3);
      assertThat(hello.path("boot_id").asString()).isEqualTo("boot-1");
      assertThat(hello.path("market").isNull()).isTrue();
      assertThat(hello.path("assets")).isEmpty();
      assertThat(hello.path("telemetry").isNull()).isTrue();
      assertThat(hello.path("pipelines").path(0).path("name").asString()).isEqualTo("labels");
      assertThat(hello.path("clients").path("connected").asInt()).isZero();
      assertThat(hello.path("role").asString()).isEqualTo("viewer");
      assertThat(hello.path("capabilities").path("admin_enabled").asBoolean()).isFalse();
      noc.process.bus.announce(new Happened(1, "héllo \uD800 <b>"));
      noc.process.bus.announce(new Nothing());
      var first = console.next();
      assertThat(first)
          .hasToString(
              "{\"type\":\"Happened\",\"payload\":{\"number\":1,\"text\":\"héllo ? <b>\"},"
                  + "\"ts\":\"2025-06-15T15:06:40Z\",\"n\":2}");
      assertThat(console.next())
          .hasToString("{\"type\":\"Nothing\",\"ts\":\"2025-06-15T15:06:40Z\",\"n\":3}");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void everyConsoleGetsEveryEventInOrderAndEachIsEncodedOnce(int loopCount)
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(10_000, loopCount)) {
      var consoles = List.of(noc.connect(), noc.connect(), noc.connect());
      for (var console : consoles) {
        console.next("hello");
      }
      for (int i = 1; i <= 2_000; i++) {
        noc.process.bus.announce(new Happened(i, "x"));
      }
      for (var console : consoles) {
        for (int i = 1; i <= 2_000; i++) {
          var event = console.next("Happened");
          assertThat(event.path("payload").path("number").asInt()).isEqualTo(i);
          assertThat(event.path("n").asInt()).isEqualTo(i);
        }
      }
      assertThat(noc.process.metrics.count(NocMetric.EVENTS)).isEqualTo(2_000);
    }
  }

  @Test
  void whatTheBusDroppedShowsAsAGapInTheNumbers() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(16, 1)) {
      var console = noc.connect();
      console.next("hello");
      int announced = 20_000; // faster than anybody can encode
      for (int i = 1; i <= announced; i++) {
        noc.process.bus.announce(new Happened(i, "x"));
      }
      Await.until("all that came is there", () -> noc.process.bus.published() == announced);
      noc.process.await(Happened.class, 1);
      int seen = 0;
      long last = 0;
      while (last < announced) {
        if (console.waiting() == 0) {
          noc.process.bus.announce(new Nothing());
        }
        var event = console.next();
        assertThat(event.path("n").asLong()).isGreaterThan(last);
        last = event.path("n").asLong();
        seen += event.path("type").asString().equals("Happened") ? 1 : 0;
      }
      assertThat(seen).isLessThan(announced);
      assertThat(noc.process.bus.droppedBySubscriber().get("noc")).isPositive();
    }
  }

  @Test
  void aJammedConsoleIsKilledAndTheOtherMissesNothing()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(1_024, 1, "noc_queue_bytes=1MiB");
        var recorder = new LogRecorder(NocEndpoint.class)) {
      var fast = noc.connect();
      fast.next("hello");
      var jammed = noc.connect();
      jammed.next("hello");
      jammed.stopReading();
      var text = "x".repeat(100_000);
      var told = new ArrayList<String>();
      int sent = 0;
      while (noc.process.announced(Killed.class).isEmpty() && sent < 1_000) {
        noc.process.bus.announce(new Happened(++sent, text));
        var event = fast.next();
        if (event.path("type").asString().equals("Killed")) {
          told.add(event.path("payload").path("id").asString());
          event = fast.next();
        }
        assertThat(event.path("payload").path("number").asInt()).isEqualTo(sent);
      }
      if (told.isEmpty()) {
        told.add(fast.next("Killed").path("payload").path("id").asString());
      }
      assertThat(told).containsExactly("noc-2");
      var killed = noc.process.await(Killed.class, 1);
      assertThat(killed.kind()).isEqualTo("noc");
      assertThat(killed.id()).isEqualTo("noc-2");
      assertThat(killed.reason()).isEqualTo("BackpressureOverflow");
      assertThat(recorder.keyValues())
          .containsExactly(
              "WARN event=kill kind=noc id=noc-2 reason=BackpressureOverflow caller=the-admin");
      assertThat(noc.process.metrics.count(NocMetric.KILLED, "BackpressureOverflow")).isEqualTo(1);
      // It takes nothing, not even the close frame: after a second it is cut.
      assertThat(noc.endpoint.connections()).isEqualTo(2);
      Await.until(
          "it is cut",
          () -> {
            noc.process.clock.advance(Duration.ofMillis(100));
            return noc.endpoint.connections() == 1;
          });
      noc.process.bus.announce(new Nothing());
      fast.next("Nothing");
      assertThat(fast.isClosed()).isFalse();
    }
  }

  @Test
  void aConsoleThatReadsOnInTimeIsToldWhyItWasKilled()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(1_024, 1, "noc_queue_messages=16")) {
      var jammed = noc.connect();
      jammed.next("hello");
      jammed.stopReading();
      var text = "x".repeat(1_000_000);
      for (int i = 1; noc.process.announced(Killed.class).isEmpty() && i < 1_000; i++) {
        noc.process.bus.announce(new Happened(i, text));
        noc.process.await(Happened.class, i);
      }
      jammed.readOn();
      assertThat(jammed.closed()).isEqualTo("4008 BackpressureOverflow");
    }
  }

  @Test
  void aBusyLoopCostsItsConsolesEventsAndNobodyWaits()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(1_024, 1, "noc_queue_messages=16")) {
      var console = noc.connect();
      console.next("hello");
      var go = new java.util.concurrent.Semaphore(0);
      noc.loops.loops().getFirst().execute(go::acquireUninterruptibly);
      for (int i = 1; i <= 100; i++) {
        noc.process.bus.announce(new Happened(i, "x"));
      }
      Await.until("all are encoded", () -> noc.process.metrics.count(NocMetric.EVENTS) == 100);
      go.release();
      for (int i = 1; i <= 16; i++) {
        assertThat(console.next().path("n").asInt()).isEqualTo(i);
      }
      noc.process.bus.announce(new Nothing());
      assertThat(console.next().path("n").asInt()).isEqualTo(101);
      assertThat(noc.process.metrics.count(NocMetric.LEFT_OUT)).isEqualTo(84);
    }
  }

  @Test
  void aPictureThatCannotBeMadeEndsTheConnection() throws ProblemException {
    try (var noc = new TestNoc()) {
      noc.process.onAsked =
          () -> {
            throw new IllegalStateException("the hub does not answer");
          };
      assertThat(noc.connect().closed()).isEqualTo("1011 Server error");
    }
  }

  @ParameterizedTest
  @CsvSource({"401,4401", "403,4403", "429,4429"})
  void aRejectedCallerIsToldWhyBeforeItIsClosed(int status, int closeCode)
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = noc.connect("?reject=" + status);
      assertThat(console.next())
          .hasToString(
              "{\"type\":\"error\",\"error\":{\"code\":\"AUTH_FAILED\",\"message\":\"the token is"
                  + " not known\"}}");
      assertThat(console.closed()).isEqualTo(closeCode + " AUTH_FAILED");
      assertThat(noc.process.metrics.count(NocMetric.REFUSED, "auth")).isEqualTo(1);
      assertThat(noc.endpoint.connections()).isZero();
    }
  }

  @Test
  void oneConsoleTooManyIsClosedAndItsPlaceIsFreeAgainWhenAnotherLeaves()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(1_024, 1, "max_noc_clients=2")) {
      var first = noc.connect();
      first.next("hello");
      noc.connect().next("hello");
      var third = noc.connect();
      assertThat(third.next().path("error").path("code").asString()).isEqualTo("TOO_MANY_CLIENTS");
      assertThat(third.closed()).isEqualTo("4029 TOO_MANY_CLIENTS");
      first.close();
      Await.until("a place is free", () -> noc.endpoint.connections() == 1);
      noc.connect().next("hello");
      noc.endpoint.apply(TestNoc.read(NocSpec.class, "max_noc_clients=3"));
      noc.connect().next("hello");
    }
  }

  @Test
  void stoppingTheServerSendsEverybodyAwayToComeBack()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc(1_024, 2)) {
      var consoles = List.of(noc.connect(), noc.connect());
      for (var console : consoles) {
        console.next("hello");
      }
      noc.endpoint.close();
      noc.endpoint.close();
      for (var console : consoles) {
        assertThat(console.closed()).isEqualTo("1012 EngineShutdown");
      }
      Await.until("all are gone", () -> noc.endpoint.connections() == 0);
    }
  }

  @Test
  void ratesAreAnnouncedOnlyWhileAConsoleIsOpen() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      noc.process.pipelines = List.of(FakeProcess.view("labels", 10, 0));
      var console = noc.connect();
      console.next("hello");
      noc.process.clock.advance(Duration.ZERO);
      noc.process.awaitRuns("interval", 1);
      noc.process.clock.advance(SECOND);
      var tick = console.next("PipelineTick");
      assertThat(tick.path("payload").path("nodes")).hasSize(3);
      assertThat(tick.path("payload").path("interval_ms").asInt()).isEqualTo(1_000);
      assertThat(tick.path("n").asLong()).isPositive();
      console.next("FeedTick");
      console.close();
      Await.until("it is gone", () -> noc.endpoint.connections() == 0);
      noc.process.awaitRuns("interval", 2);
      noc.process.clock.advance(Duration.ofSeconds(10));
      assertThat(
              noc.process.metrics.count(
                  dev.millrace.control.telemetry.TelemetryMetric.RUNS, "interval"))
          .isEqualTo(2);
    }
  }

  @Test
  void aSilentConsoleIsCutAfterAPing() throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var console = noc.connect();
      console.next("hello");
      console.stopReading(); // so it answers no ping
      Await.until(
          "it is cut",
          () -> {
            noc.process.clock.advance(SECOND);
            return noc.endpoint.connections() == 0;
          });
    }
  }

  @Test
  void aConsoleWhoseTokenIsTakenBackIsClosedAndTheOthersStay()
      throws ProblemException, InterruptedException {
    try (var noc = new TestNoc()) {
      var revoked = noc.connect("?role=viewer");
      var other = noc.connect("?role=admin");
      revoked.next("hello");
      other.next("hello");
      noc.access.apply(TestNoc.policy(Role.ADMIN));
      noc.process.clock.advance(SECOND);
      assertThat(revoked.closed()).isEqualTo("4401 Authentication required");
      assertThat(other.next("Killed").path("payload").path("reason").asString())
          .isEqualTo("Unauthorized");
      assertThat(other.isClosed()).isFalse();
    }
  }
}
