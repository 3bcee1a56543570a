package dev.millrace.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Further names of keys, keys that exclude each other, numbers that make sense.
class SpecNamesTest {
  private final Problems problems = new Problems();

  record Tone(
      @Default("440.0") @Alias({"freq", "f"}) double frequency,
      @Default("1.0") @NotWith("gain_db") double gain,
      @Default("0.0") @NotWith("gain") @Hint(min = 0, max = 80) double gainDb,
      @Default("100") @Hint(min = 64, max = 8_192, warns = false) int size,
      @Default("1s") @Hint(max = 10) Duration pause,
      @Default("0") @NonFinite double limit) {}

  @Test
  void aKeyIsFoundUnderAnyOfItsNames() {
    assertThat(read(Tone.class, "freq: 880").orElseThrow().frequency()).isEqualTo(880);
    assertThat(read(Tone.class, "frequency: null\nf: 880").orElseThrow().frequency())
        .isEqualTo(880);
    assertThat(problems.all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "both frequency and freq stand here|s:2:1|frequency: 1\\nfreq: 2",
        "both f and frequency stand here|s:2:1|f: 1\\nfrequency: 2",
        "both gain and gain_db stand here|s:2:1|gain: 1\\ngain_db: 2",
        "both gain_db and gain stand here|s:2:1|gain_db: 1\\ngain: 2",
      })
  void twoKeysThatMeanTheSameAreAmbiguousAtTheSecond(String what, String at, String text) {
    assertThat(read(Tone.class, text.replace("\\n", "\n"))).isEmpty();
    assertThat(problems.all()).hasSize(1);
    assertThat(problems.all().getFirst().code()).isEqualTo("E_AMBIGUOUS");
    assertThat(problems.all().getFirst().what()).startsWith(what);
    assertThat(problems.all().getFirst().location().toString()).endsWith(at.substring(1));
  }

  @Test
  void aNumberBeyondWhatIsUsualIsTakenWithAWarning() {
    assertThat(read(Tone.class, "gain_db: -6.0206\npause: 11s\nsize: 9").orElseThrow().gainDb())
        .isEqualTo(-6.0206);
    assertThat(problems.all())
        .extracting(Problem::code, Problem::what, Problem::fix)
        .containsExactly(
            tuple(
                "W_RANGE",
                "gain_db is -6.0206, which is beyond what usually makes sense",
                "Usual is from 0 to 80."),
            tuple(
                "W_RANGE",
                "pause is 11, which is beyond what usually makes sense",
                "Usual is at most 10."));
  }

  @Test
  void numbersThatAreNotFiniteAreRefusedUnlessTheKeySaysOtherwise() {
    assertThat(read(Tone.class, "{\"limit\": \"-Infinity\"}").orElseThrow().limit())
        .isNegative()
        .isInfinite();
    assertThat(read(Tone.class, "limit: .nan").orElseThrow().limit()).isNaN();
    assertThat(problems.all()).isEmpty();
    assertThat(read(Tone.class, "{\"gain\": \"NaN\"}")).isEmpty();
    assertThat(read(Tone.class, "gain: .inf")).isEmpty();
    assertThat(read(Tone.class, "{\"gain\": 1e999}")).isEmpty();
    assertThat(problems.all())
        .extracting(Problem::what)
        .allMatch(what -> what.startsWith("gain wants a finite number"));
  }

  @Test
  void theSchemaKnowsEveryNameAndShowsWhatIsUsual() {
    var schema = Spec.of(Tone.class).schema();

    assertThat(schema.at("/properties").propertyNames())
        .contains("frequency", "freq", "f", "gain_db");
    assertThat(schema.at("/properties/gain_db/x-usual/maximum").asDouble()).isEqualTo(80);
    assertThat(schema.at("/properties/gain_db").has("maximum")).isFalse();
    assertThat(schema.at("/allOf").toString())
        .contains("{\"not\":{\"required\":[\"frequency\",\"freq\"]}}")
        .contains("{\"not\":{\"required\":[\"freq\",\"f\"]}}")
        .contains("{\"not\":{\"required\":[\"gain\",\"gain_db\"]}}");
  }

  @Test
  void anAliasIsTheKeyWhereDocumentsAreComparedAndShown() {
    var one = (Tree.Mapping) parse("freq: 880");
    var other = (Tree.Mapping) parse("frequency: 880.0");

    assertThat(TreeDiff.between(one, other, Spec.of(Tone.class)).isEmpty()).isTrue();
    assertThat(Masked.effective(one, Spec.of(Tone.class)).get("frequency").asDouble())
        .isEqualTo(880);
    assertThat(Masked.written(one, Spec.of(Tone.class)).toString())
        .isEqualTo("{\"frequency\":880}");
  }

  record TwoSecrets(@Nullable @Secret @Alias("pass") String password) {}

  @Test
  void aSecretHasOneName() {
    assertThatThrownBy(() -> Spec.of(TwoSecrets.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one name");
  }

  private <T extends Record> Optional<T> read(Class<T> type, String text) {
    return Spec.of(type).read(parse(text), problems);
  }

  private static Tree parse(String text) {
    return Documents.parse("s", text.getBytes(StandardCharsets.UTF_8), new Problems())
        .orElseThrow();
  }
}
