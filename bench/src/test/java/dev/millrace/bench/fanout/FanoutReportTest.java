package dev.millrace.bench.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.bench.load.LoadResult;
import dev.millrace.bench.load.LoadSpec;
import dev.millrace.bench.load.Pace;
import dev.millrace.bench.report.Machine;
import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FanoutReportTest {
  private static final LoadResult.Faults NONE = new LoadResult.Faults(0, 0, 0, 0, null);

  @Test
  void theRatioIsTheMedianOfTheRoundsAndNotOfTheSums() {
    // The machine was slow in the second round; both suffered, so its ratio is as good as others.
    var report = report(new Pace.ClosedLoop(512), NONE, 100, 80, 10, 9, 100, 85);

    assertThat(report.ratio(LoadResult::deliveriesPerSecond)).hasValue(0.85);
    assertThat(report.toString())
        .contains("at most 512 messages under way")
        .contains("[130, 260] bytes on the wire")
        .contains("deliveries/s 0.850, per CPU second 0.850");
  }

  @Test
  void aReferenceAloneHasNoRatio() {
    var plan = new FanoutPlan(load(new Pace.OpenLoop(50)), 1, true, List.of());
    var report =
        new FanoutReport(
            plan,
            Machine.current(),
            List.of(new FanoutReport.Round(Side.REFERENCE, 1, result(100, 130, NONE))));

    assertThat(report.ratio(LoadResult::deliveriesPerSecond)).isEmpty();
    assertThat(report.toString()).contains("50 messages/s").doesNotContain("millrace /");
    assertThat(Json.tree(FanoutJson.render(report).getBytes(StandardCharsets.UTF_8)).has("ratios"))
        .isFalse();
  }

  @Test
  void oneFaultInOneRoundSpoilsTheReport() {
    var report =
        report(new Pace.ClosedLoop(1), new LoadResult.Faults(0, 0, 1, 0, "it stuttered"), 100, 80);

    assertThat(report.faultless()).isFalse();
    assertThat(report.toString()).contains("first complaint: it stuttered");
  }

  @Test
  void theJsonHasEveryRoundAndTheRatios() {
    var report = report(new Pace.OpenLoop(50), NONE, 100, 80, 100, 90);

    var json = Json.tree(FanoutJson.render(report).getBytes(StandardCharsets.UTF_8));

    assertThat(json.at("/rounds").size()).isEqualTo(4);
    assertThat(json.at("/rounds/1/side").asString()).isEqualTo("millrace");
    assertThat(json.at("/rounds/1/faults/lost").asInt()).isZero();
    assertThat(json.at("/plan/messages_per_second").asInt()).isEqualTo(50);
    assertThat(json.at("/plan/millrace_jvm").asString()).endsWith("allow -Xmx1g");
    assertThat(json.at("/ratios/deliveries_per_second").asDouble()).isCloseTo(0.85, within(1e-9));
    assertThat(json.at("/faultless").asBoolean()).isTrue();
    assertThat(json.at("/machine/cores").asInt()).isPositive();
  }

  @Test
  void aPlanHasARound() {
    assertThatThrownBy(() -> new FanoutPlan(load(new Pace.OpenLoop(1)), 0, true, List.of()))
        .hasMessage("rounds 0 < 1");
  }

  /// Deliveries in turns: reference, engine, reference, engine, …; the last engine's with `faults`.
  private static FanoutReport report(
      Pace pace, LoadResult.@Nullable Faults faults, long... delivered) {
    var rounds = new ArrayList<FanoutReport.Round>();
    for (int i = 0; i < delivered.length; i++) {
      boolean engine = i % 2 == 1;
      boolean last = i == delivered.length - 1;
      rounds.add(
          new FanoutReport.Round(
              engine ? Side.MILLRACE : Side.REFERENCE,
              i / 2 + 1,
              result(delivered[i], engine ? 260 : 130, last && faults != null ? faults : NONE)));
    }
    var plan = new FanoutPlan(load(pace), delivered.length / 2, false, List.of("-Xmx1g"));
    return new FanoutReport(plan, Machine.current(), rounds);
  }

  private static LoadSpec load(Pace pace) {
    return new LoadSpec(
        10, 128, pace, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));
  }

  private static LoadResult result(long delivered, int wireBytes, LoadResult.Faults faults) {
    return new LoadResult(
        10,
        wireBytes,
        1,
        delivered / 10,
        delivered,
        delivered * wireBytes,
        1,
        1,
        new LoadResult.Latency(1, 2, 3, 4, 5),
        LoadResult.Slow.NOBODY,
        faults);
  }
}
