package dev.millrace.control.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.Signal;
import dev.millrace.core.spec.Secret;
import dev.millrace.engine.pipeline.PipelineState;
import dev.millrace.engine.pipeline.PipelineStateChanged;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SignalJsonTest {
  private enum Mood {
    Calm
  }

  private record Inner(long p50Us) {}

  private record Everything(
      String someText,
      int number,
      long bigNumber,
      double share,
      double nonsense,
      boolean flag,
      Mood mood,
      Instant startedAt,
      @Nullable String nothing,
      @Secret String token,
      List<Inner> inners,
      Map<String, Long> counts)
      implements Signal {}

  private record Quiet() implements Signal {}

  private record Odd(Object something) implements Signal {}

  @Test
  void componentsBecomeSnakeCaseKeysAndSecretsStayOut() {
    var signal =
        new Everything(
            "a",
            1,
            9_007_199_254_740_993L,
            0.5,
            Double.NaN,
            true,
            Mood.Calm,
            Instant.parse("2026-02-20T15:30:00.123456Z"),
            null,
            "hunter2",
            List.of(new Inner(7)),
            Map.of("lag", 2L));
    assertThat(SignalJson.payload(signal))
        .hasToString(
            "{\"some_text\":\"a\",\"number\":1,\"big_number\":9007199254740993,\"share\":0.5,"
                + "\"nonsense\":null,\"flag\":true,\"mood\":\"Calm\","
                + "\"started_at\":\"2026-02-20T15:30:00.123456Z\",\"nothing\":null,"
                + "\"inners\":[{\"p50_us\":7}],\"counts\":{\"lag\":2}}");
  }

  @Test
  void aChangeOfStateNamesTheStatesAndSaysWhatWentWrong() {
    var at = 1_750_000_000_000_001L;
    var failed =
        new PipelineStateChanged(
            "p", new PipelineState.Running(), new PipelineState.Error("no disk", true), at);
    assertThat(SignalJson.payload(failed))
        .hasToString(
            "{\"pipeline\":\"p\",\"from\":\"Running\",\"to\":\"Error\","
                + "\"at\":\"2025-06-15T15:06:40.000001Z\",\"error\":\"no disk\"}");
    var began =
        new PipelineStateChanged(
            "p", new PipelineState.Initializing(), new PipelineState.Running(), at);
    assertThat(SignalJson.payload(began).path("error").isNull()).isTrue();
  }

  @Test
  void aSignalWithoutComponentsHasNoPayload() {
    assertThat(SignalJson.payload(new Quiet())).isEmpty();
    assertThat(SignalJson.payload(new Signal() {})).isEmpty();
    assertThat(SignalJson.payload(new Killed("noc", "noc-1", "R", null)))
        .hasToString("{\"kind\":\"noc\",\"id\":\"noc-1\",\"reason\":\"R\",\"detail\":null}");
  }

  @Test
  void whatNobodyKnowsHowToShowIsRefusedAndNotGuessed() {
    assertThatThrownBy(() -> SignalJson.payload(new Odd(new Object())))
        .hasMessage("an event cannot hold a java.lang.Object");
  }
}
