package dev.millrace.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MainTest extends BenchLines {
  @Test
  void fusedStagesRunInTheEngineAndItsPeersAndARatioThatIsTooLowFails() {
    int exit =
        run("graph --only fused --millis 50 --warm-up 0 --iterations 1 --min-ratio 1e9" + LIGHT);

    assertThat(out.toString())
        .as(err.toString())
        .contains("engineChain", "pekkoStream", "plainLoop", "reactorFlux")
        .containsPattern("engine / pekko [0-9.]+, bar ≥ 6: ");
    assertThat(exit).isEqualTo(1);
    assertThat(err.toString()).contains("failed: engine / pekko");
  }

  @Test
  void queuedStagesRunInTheEngineAndItsPeers() {
    assertThat(run("graph --only queued --millis 50 --warm-up 0 --iterations 1 --json" + LIGHT))
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
    assertThat(run("graph --only samples --millis 50 --warm-up 0 --iterations 1" + LIGHT))
        .as(err.toString())
        .isZero();

    assertThat(out.toString()).containsPattern("samplesQueued|skipped: the product has no node");
  }

  @Test
  void theHotPiecesHaveTheirCosts() {
    assertThat(run("micro --millis 20 --warm-up 0 --iterations 1 --json" + LIGHT))
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
    assertThat(run("inbound --loops 0")).isEqualTo(2);
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
}
