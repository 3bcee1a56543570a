package dev.millrace.engine.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisionReadTest {
  private final Problems problems = new Problems();

  @Test
  void withoutAnyKeyEveryFailureIsThePipelines() {
    assertThat(read("{}")).isEqualTo(Supervision.DEFAULT);
    assertThat(read("{\"error_policy\":null,\"restart\":null,\"dead_letter\":null}").isDefault())
        .isTrue();
    assertThat(problems.all()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"SkipFrame\"",
        "\"skipframe\"",
        "\"SKIP_FRAME\"",
        "{\"SkipFrame\":null}",
        "{\"skipFrame\":{}}",
        "{\"type\":\"skip_frame\"}",
        "{\"SkipFrame\":{\"forward_input\":false}}"
      })
  void aPolicyGoesByItsNameInEveryForm(String json) {
    assertThat(read("{\"error_policy\":" + json + "}").policy())
        .isEqualTo(new ErrorPolicy.SkipFrame(false));
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void skippingMayForwardTheInput() {
    assertThat(read("{\"error_policy\":{\"SkipFrame\":{\"forward_input\":true}}}").policy())
        .isEqualTo(new ErrorPolicy.SkipFrame(true));
    assertThat(read("{\"error_policy\":{\"type\":\"SkipFrame\",\"forward_input\":true}}").policy())
        .isEqualTo(new ErrorPolicy.SkipFrame(true));
  }

  @Test
  void aDefaultTakesTimestampAndSequenceOfTheFailingFrameUnlessItHasItsOwn() {
    var failing = Frame.trigger(5, 6);
    var body = Samples.of("a", new double[] {1.5});
    var some = (ErrorPolicy.UseDefault) read(defaulting("{\"payload\":{\"a\":[1.5]}}")).policy();
    assertThat(some.inPlaceOf(failing)).isEqualTo(new Frame(5, 6, body, Metadata.NONE));

    var all =
        (ErrorPolicy.UseDefault)
            read(defaulting("{\"timestamp\":0,\"sequence_id\":18446744073709551615}")).policy();
    assertThat(all.inPlaceOf(failing)).isEqualTo(Frame.trigger(0, -1));
    assertThat(problems.all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"Never\"|Never[]",
        "\"Immediate\"|Immediate[maxAttempts=3]",
        "{\"Immediate\":{\"max_attempts\":7}}|Immediate[maxAttempts=7]",
        "{\"type\":\"IMMEDIATE\",\"max_attempts\":1}|Immediate[maxAttempts=1]",
        "\"exponential\"|Exponential[baseMs=100, maxMs=5000, maxAttempts=5, jitter=0.0]",
        "{\"type\":\"exponential\",\"base_ms\":10,\"jitter\":0.5}"
            + "|Exponential[baseMs=10, maxMs=5000, maxAttempts=5, jitter=0.5]",
        "{\"Exponential\":{\"base_ms\":5,\"max_ms\":5,\"max_attempts\":2}}"
            + "|Exponential[baseMs=5, maxMs=5, maxAttempts=2, jitter=0.0]",
        "\"circuit_breaker\"|CircuitBreaker[errorThreshold=5, timeoutMs=1000]",
        "{\"CircuitBreaker\":{\"error_threshold\":1,\"timeout_ms\":2}}"
            + "|CircuitBreaker[errorThreshold=1, timeoutMs=2]"
      })
  void aStrategyGoesByItsNameInEveryForm(String json, String strategy) {
    assertThat(read("{\"restart\":" + json + "}").restart()).hasToString(strategy);
    assertThat(problems.all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"restart\":\"Imediate\"|/restart|Did you mean Immediate?",
        "\"restart\":3|/restart|Write one of Never, Immediate, Exponential, CircuitBreaker.",
        "\"restart\":[\"Never\"]|/restart|not a list",
        "\"restart\":{\"Immediate\":{\"max_attempts\":0}}|/restart/Immediate/max_attempts|0",
        "\"restart\":{\"type\":\"immediate\",\"max_attempts\":\"3\"}|/restart/max_attempts|\"3\"",
        "\"restart\":{\"Exponential\":{\"base_ms\":9,\"max_ms\":8}}|/restart/Exponential"
            + "|base_ms 9 > max_ms 8",
        "\"restart\":{\"Exponential\":{\"jitter\":2}}|/restart/Exponential/jitter|2",
        "\"restart\":{\"Never\":1}|/restart|wants a name",
        "\"error_policy\":\"Ignore\"|/error_policy|Write one of Propagate, SkipFrame, UseDefault.",
        "\"error_policy\":\"UseDefault\"|/error_policy|needs the frame",
        "\"error_policy\":{\"UseDefault\":{\"payload\":1}}|/error_policy/UseDefault/payload"
            + "|an object of channels",
        "\"dead_letter\":\"\"|/dead_letter|wants the id of a node",
        "\"dead_letter\":3|/dead_letter|wants the id of a node"
      })
  void whatIsWrongIsSaidWithItsPlace(String entry, String pointer, String sentence) {
    read("{" + entry + "}");

    assertThat(problems.all()).as(entry).hasSize(1);
    var problem = problems.all().getFirst();
    assertThat(problem.isError()).isTrue();
    assertThat(problem.location().pointer()).isEqualTo(pointer);
    assertThat(problem.toString()).contains(sentence.strip());
  }

  @Test
  void keysThatMeanNothingAreWarnings() {
    read(
        "{\"restart\":{\"Never\":{\"max_attempts\":1}},\"error_policy\":{\"Propagate\":{\"x\":1}}}");
    read("{\"restart\":{\"Immediate\":{\"max_atempts\":1}}}");

    assertThat(problems.all()).extracting(Problem::code).containsOnly("W_UNKNOWN_KEY").hasSize(3);
  }

  @Test
  void aNodesOwnWordCountsAndThePipelinesStandsInForWhatItLeavesOut() {
    var defaults = mapping("{\"error_policy\":\"SkipFrame\",\"restart\":\"Immediate\"}");

    var own = Supervision.read(mapping("{\"restart\":\"Never\"}"), defaults, problems);

    assertThat(own.policy()).isEqualTo(new ErrorPolicy.SkipFrame(false));
    assertThat(own.restart()).isEqualTo(new RestartStrategy.Never());
    assertThat(own.deadLetter()).isNull();
  }

  @Test
  void whatIsWrongInThePipelinesDefaultsIsNotSaidOncePerNode() {
    var defaults = mapping("{\"error_policy\":\"Ignore\"}");

    assertThat(Supervision.read(mapping("{}"), defaults, problems)).isEqualTo(Supervision.DEFAULT);

    assertThat(problems.all()).isEmpty();
  }

  @Test
  void aBreakerIsUselessWhereTheFirstFailureEndsThePipeline() {
    assertThat(read("{\"restart\":\"CircuitBreaker\"}").breakerIsUseless()).isTrue();
    assertThat(
            read("{\"restart\":\"CircuitBreaker\",\"error_policy\":\"SkipFrame\"}")
                .breakerIsUseless())
        .isFalse();
    assertThat(read("{}").breakerIsUseless()).isFalse();
  }

  @Test
  void waitsDoubleUpToTheMostAndJitterOnlyTakesOff() {
    var strategy = new RestartStrategy.Exponential(100, 5_000, 9, 0);
    long[] millis = {100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000};
    for (int failure = 1; failure <= millis.length; failure++) {
      assertThat(strategy.waitNanos(failure, 0.9))
          .isEqualTo(TimeUnit.MILLISECONDS.toNanos(millis[failure - 1]));
    }
    assertThat(strategy.waitNanos(10, 0)).isEqualTo(RestartStrategy.NO_RETRY);
    var jittered = new RestartStrategy.Exponential(100, 5_000, 1_000, 0.5);
    var random = new Random(1);
    for (int failure = 1; failure <= 1_000; failure++) {
      long wait = jittered.waitNanos(failure, random.nextDouble());
      long most = strategy.waitNanos(Math.min(failure, 9), 0);
      assertThat(wait).isBetween(most / 2, most);
    }
  }

  @Test
  void aBreakerDoesWhatThePlainRuleSays() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int threshold = 1 + random.nextInt(4);
      var breaker = new Breaker(new RestartStrategy.CircuitBreaker(threshold, 1));
      int inARow = 0;
      long openUntil = -1;
      long now = random.nextLong();
      long start = now;
      for (int step = 0; step < 100; step++) {
        now += random.nextInt(700_000);
        boolean admits = openUntil < 0 || now - start >= openUntil;
        boolean probe = openUntil >= 0;
        assertThat(breaker.admit(now))
            .as("seed " + seed + " step " + step)
            .isEqualTo(
                !admits
                    ? Breaker.Admission.REJECTED
                    : probe ? Breaker.Admission.PROBE : Breaker.Admission.ADMITTED);
        if (!admits) {
          assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
          assertThat(breaker.leftNanos(now)).isEqualTo(openUntil - (now - start));
        } else {
          if (probe) {
            assertThat(breaker.admit(now)).isEqualTo(Breaker.Admission.REJECTED);
            breaker.failed(now, false); // of a call that was admitted before it opened
            breaker.succeeded(false);
            assertThat(breaker.state()).isEqualTo(Breaker.State.HALF_OPEN);
          }
          if (random.nextBoolean()) {
            breaker.succeeded(probe);
            inARow = 0;
            openUntil = -1;
          } else {
            breaker.failed(now, probe);
            inARow++;
            if (probe || inARow >= threshold) {
              openUntil = now - start + 1_000_000;
              inARow = 0;
            }
          }
        }
      }
    }
  }

  private static String defaulting(String frame) {
    return "{\"error_policy\":{\"UseDefault\":" + frame + "}}";
  }

  private Supervision read(String json) {
    return Supervision.read(mapping(json), null, problems);
  }

  private Tree.Mapping mapping(String json) {
    return Documents.parseMapping("t.json", json.getBytes(StandardCharsets.UTF_8), new Problems())
        .orElseThrow();
  }
}
