package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void aSmokeRunOfEngineAndReferenceIsFaultless() {
    assertThat(run("fanout --smoke --json")).as(err.toString()).isZero();

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
    assertThat(run("fanout --smoke --topics 5 --json")).as(err.toString()).isZero();

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
    assertThat(run("fanout --smoke --json --redis " + mode)).as(err.toString()).isZero();
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
    assertThat(run("fanout --smoke --slow 1 --json")).as(err.toString()).isZero();

    var json = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8));
    var disturbed = json.at("/rounds/1");
    assertThat(disturbed.at("/side").asString()).isEqualTo("somebody slow");
    assertThat(disturbed.at("/slow/readers").asInt()).isEqualTo(1);
    assertThat(disturbed.at("/slow/bytes").asLong()).isPositive();
    assertThat(json.at("/bars/0/at_least").asDouble()).isEqualTo(0.95);
  }

  @Test
  void latencyIsMeasuredAtTwoRates() {
    assertThat(run("fanout --smoke --latency --json")).as(err.toString()).isZero();

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
    assertThat(run("sessions --smoke --only accepts")).as(err.toString()).isZero();

    assertThat(out.toString())
        .containsPattern("millrace / reference, sessions/s [0-9.]+, bar ≥ 0.3: ");
  }

  @Test
  void messagesOfClientsAreAllInTheServersFigures() {
    assertThat(run("inbound --smoke --json")).as(err.toString()).isZero();

    var question = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8)).at("/questions/0");
    assertThat(question.at("/figures/ratio").asDouble()).isPositive();
    assertThat(question.at("/figures/message_bytes").asInt()).isEqualTo(175);
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

  @Test
  void fusedStagesRunInTheEngineAndItsPeersAndARatioThatIsTooLowFails() {
    int exit = run("graph --only fused --millis 50 --warm-up 0 --iterations 1 --min-ratio 1e9");

    assertThat(out.toString())
        .as(err.toString())
        .contains("engineChain", "pekkoStream", "plainLoop", "reactorFlux")
        .containsPattern("engine / pekko [0-9.]+, bar ≥ 6: ");
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString()).contains("failed: engine / pekko");
  }

  @Test
  void queuedStagesRunInTheEngineAndItsPeers() {
    assertThat(run("graph --only queued --millis 50 --warm-up 0 --iterations 1 --json"))
        .as(err.toString())
        .isZero();

    var question = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8)).at("/questions/0");
    assertThat(question.at("/figures/scores"))
        .extracting(score -> score.at("/name").asString())
        .containsExactlyInAnyOrder(
            "engineChannels", "engineNarrow", "disruptorRing", "blockingQueues");
    assertThat(question.at("/bars/0/what").asString()).isEqualTo("engine / disruptor");
    assertThat(question.at("/bars/0/at_least").asDouble()).isEqualTo(1);
  }

  @Test
  void latencyAndTheLargestGraphAreMeasuredInThisProcess() {
    assertThat(run("graph --smoke --only latency,validation --json")).as(err.toString()).isZero();

    var questions = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8)).at("/questions");
    assertThat(questions).hasSize(2);
    assertThat(questions.at("/0/figures/fused/p99").asDouble()).isPositive();
    assertThat(questions.at("/0/figures/queued/p99").asDouble()).isPositive();
    assertThat(questions.at("/0/figures/queued/p99_9").asDouble())
        .isGreaterThanOrEqualTo(questions.at("/0/figures/queued/p99").asDouble());
    assertThat(questions.at("/1/figures/validated_seconds").asDouble()).isPositive();
    assertThat(questions.at("/1/figures/frames").asInt()).isEqualTo(1_000);
  }

  @Test
  void aChainOfSamplesIsMeasuredOrToldToBeSkipped() {
    assertThat(run("graph --only samples --millis 50 --warm-up 0 --iterations 1"))
        .as(err.toString())
        .isZero();

    assertThat(out.toString()).containsPattern("samplesQueued|skipped: the product has no node");
  }

  @Test
  void theHotPiecesHaveTheirCosts() {
    assertThat(run("micro --millis 20 --warm-up 0 --iterations 1 --json"))
        .as(err.toString())
        .isZero();

    var json = Json.tree(out.toString().getBytes(StandardCharsets.UTF_8));
    assertThat(json.at("/scores")).isNotEmpty();
    assertThat(json.at("/scores")).allMatch(score -> score.at("/mean").asDouble() > 0);
    assertThat(json.at("/machine/java").asString()).isNotBlank();
  }

  @Test
  void aWrongQuestionIsUsage() {
    assertThat(run("graph --forks 0")).isEqualTo(2);
    assertThat(run("graph --only quickness")).isEqualTo(2);
    assertThat(err.toString()).contains("there are fused, queued, samples");
    assertThat(run("micro --millis 1")).isEqualTo(2);
    assertThat(run("micro --iterations 0")).isEqualTo(2);
    assertThat(run("micro --warm-up -1")).isEqualTo(2);
    assertThat(run("fanout --payload 3")).isEqualTo(2);
    assertThat(err.toString()).contains("payloadBytes 3 outside");
    assertThat(run("fanout --seconds 1000")).isEqualTo(2);
    assertThat(run("fanout --subscribers 2000000000")).isEqualTo(2);
    assertThat(err.toString()).contains("ulimit -n");
    assertThat(run("fanout --subscribers many")).isEqualTo(2);
    assertThat(run("fanout --topics 10 --slow 1")).isEqualTo(2);
    assertThat(err.toString()).contains("exclude each other");
    assertThat(run("sessions --sessions 2000000000")).isEqualTo(2);
    assertThat(run("sessions --only quickness")).isEqualTo(2);
    assertThat(run("sessions --topics 0")).isEqualTo(2);
    assertThat(run("inbound --message 3")).isEqualTo(2);
    assertThat(run("inbound --clients 0")).isEqualTo(2);
    assertThat(run("inbound --rounds 0")).isEqualTo(2);
    assertThat(run("inbound --seconds 1000")).isEqualTo(2);
    assertThat(run("nothing")).isEqualTo(2);
    assertThat(run("")).isEqualTo(2);
  }

  @Test
  void helpShowsAnExample() {
    assertThat(run("fanout --help")).isZero();
    assertThat(out.toString()).contains("millrace bench fanout --subscribers 1000");
  }

  private int run(String line) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(line.isEmpty() ? new String[0] : line.split(" "));
  }
}
