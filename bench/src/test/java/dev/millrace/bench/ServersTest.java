package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What is measured of servers, which are processes of their own, beside their references.
class ServersTest extends BenchLines {
  @Test
  void aSmokeRunOfEngineAndReferenceIsFaultless() {
    assertThat(run("fanout --smoke --json" + LIGHT)).as(err.toString()).isZero();

    var json = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8));
    assertThat(json.at("/faultless").asBoolean()).isTrue();
    assertThat(json.at("/rounds/0/side").asString()).isEqualTo("reference");
    assertThat(json.at("/rounds/1/side").asString()).isEqualTo("millrace");
    assertThat(json.at("/rounds/1/delivered").asLong()).isGreaterThan(1_000);
    assertThat(json.at("/rounds/1/wire_bytes")).isEqualTo(json.at("/rounds/0/wire_bytes"));
    assertThat(err.toString()).contains("round 1 of 1, millrace: ");
  }

  @Test
  void manySmallTopicsAreMeasuredBesideRedisOrToldToBeSkipped() {
    assertThat(run("fanout --smoke --topics 5 --json" + LIGHT)).as(err.toString()).isZero();

    var json = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8));
    if (json.has("skipped")) {
      assertThat(json.at("/skipped").asString()).contains("redis-server");
      return;
    }
    assertThat(json.at("/faultless").asBoolean()).isTrue();
    assertThat(json.at("/rounds/0/side").asString()).isEqualTo("redis");
    assertThat(json.at("/rounds/0/delivered").asLong()).isGreaterThan(1_000);
    assertThat(json.at("/rounds/1/delivered").asLong()).isGreaterThan(1_000);
    assertThat(json.at("/bars/0/at_least").asDouble()).isEqualTo(1.5);
  }

  @Test
  void instancesJoinedByRedisAreComparedWithOne() {
    assertComparedOverRedis("pubsub");
  }

  @Test
  @Tag("slow")
  void soAreThoseThatShareStreams() {
    assertComparedOverRedis("streams");
  }

  private void assertComparedOverRedis(String mode) {
    assertThat(run("fanout --smoke --json --redis " + mode + LIGHT)).as(err.toString()).isZero();
    var report = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8));
    if (report.has("skipped")) {
      assertThat(report.path("skipped").asString()).contains("redis-server");
      return;
    }
    assertThat(report.path("contest").asString()).isEqualTo("over redis / millrace");
    assertThat(report.path("faultless").asBoolean()).isTrue();
  }

  @Test
  void aSlowReaderReadsLittleAndIsNoFault() {
    assertThat(run("fanout --smoke --slow 1 --json" + LIGHT)).as(err.toString()).isZero();

    var json = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8));
    var disturbed = json.at("/rounds/1");
    assertThat(disturbed.at("/side").asString()).isEqualTo("somebody slow");
    assertThat(disturbed.at("/slow/readers").asInt()).isEqualTo(1);
    assertThat(disturbed.at("/slow/bytes").asLong()).isPositive();
    assertThat(json.at("/bars/0/at_least").asDouble()).isEqualTo(0.95);
  }

  @Test
  void latencyIsMeasuredAtTwoRates() {
    assertThat(run("fanout --smoke --latency --json" + LIGHT)).as(err.toString()).isZero();

    var runs = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8)).at("/runs");
    assertThat(runs).hasSize(2);
    assertThat(runs.at("/0/bars/0/at_most").asDouble()).isEqualTo(1.3);
    assertThat(runs.at("/1/bars/0/at_most").asDouble()).isEqualTo(1.5);
    assertThat(runs.at("/1/plan/messages_per_second").asInt()).isEqualTo(4_000);
  }

  @Test
  void sessionsHaveTheirMemoryAndTheClassesThatHoldIt() {
    assertThat(run("sessions --smoke --only memory --histogram --json --jvm=-XX:+UseSerialGC"))
        .as(err.toString())
        .isZero();

    var question = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8)).at("/questions/0");
    assertThat(question.at("/figures/heap_bytes").asDouble()).isPositive();
    assertThat(question.at("/figures/grown_classes")).isNotEmpty();
    assertThat(question.at("/figures/millrace_jvm").asString())
        .contains("UseSerialGC")
        .doesNotContain("UseZGC");
    assertThat(question.at("/bars/0/at_most").asDouble()).isEqualTo(5_120);
  }

  @Test
  void sessionsComeWithATokenAndLeave() {
    assertThat(run("sessions --smoke --only accepts" + LIGHT)).as(err.toString()).isZero();

    assertThat(out.toString())
        .containsPattern("millrace / reference, sessions/s [0-9.]+, bar ≥ 0.3: ");
  }

  @Test
  void messagesOfClientsAreAllInTheServersFigures() {
    assertThat(run("inbound --smoke --loops 2 --json" + LIGHT)).as(err.toString()).isZero();

    var question = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8)).at("/questions/0");
    assertThat(question.at("/figures/ratio").asDouble()).isPositive();
    assertThat(question.at("/figures/message_bytes").asInt()).isEqualTo(175);
    assertThat(question.at("/figures/event_loops").asInt()).isEqualTo(2);
    assertThat(question.at("/bars/0/at_least").asDouble()).isEqualTo(0.5);
  }

  @Test
  void aSmallRunAtAFixedRateHasATable() {
    assertThat(
            run(
                "fanout --reference-only --rate 100 --subscribers 5 --rounds 2 --seconds 0.2"
                    + " --warm-up 0.1"))
        .isZero();

    assertThat(out.toString()).contains("reference median").contains("100 messages/s");
  }
}
