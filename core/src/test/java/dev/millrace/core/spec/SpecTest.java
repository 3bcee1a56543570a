package dev.millrace.core.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecTest {
  private final Problems problems = new Problems();

  enum Mode {
    DROP_OLDEST,
    CLOSE
  }

  record Inner(
      @About("How many.") @Default("3") @Range(min = 1, max = 10) int count,
      @Default("") String note) {}

  record Everything(
      @About("A name.") String name,
      @About("A number.") @Default("1024") @Range(min = 1, max = 65_536) int capacityFrames,
      @Default("9000000000") long big,
      @Default("0.5") @Range(min = 0, max = 1) double share,
      @Default("true") boolean enabled,
      @Default("drop_oldest") Mode mode,
      @Default("5s") @Range(min = 0.1, max = 3_600) Duration writeTimeout,
      @Default("64KB") @Range(min = 1_024) ByteSize buffer,
      Inner inner,
      @Nullable Inner maybe,
      List<String> tags,
      @Nullable List<Inner> inners,
      Map<String, Integer> limits,
      @Nullable Integer optional,
      @Nullable @Secret String token,
      @Nullable Tree raw) {}

  record Ordered(@Default("1") int low, @Default("2") int high) {
    Ordered {
      if (low > high) {
        throw new IllegalArgumentException("low " + low + " is above high " + high);
      }
    }
  }

  record Broken(@Default("1") int value) {
    Broken {
      if (value == 7) {
        throw new IllegalStateException("a bug");
      }
    }
  }

  record Defaults(@Default("a, b") List<String> names, @Default("1") int one) {}

  record Joined(@SameLevel Ordered range, @SameLevel Inner inner, @Default("x") String own) {}

  @Test
  void recordsAtTheSameLevelShareOneMapping() {
    assertThat(read(Joined.class, "high: 9\ncount: 4\nown: y\n"))
        .contains(new Joined(new Ordered(1, 9), new Inner(4, ""), "y"));
    assertThat(problems.all()).isEmpty();
    assertThat(read(Joined.class, "low: 5\ncount: 99\nonw: z\n")).isEmpty();
    assertThat(problems.all())
        .extracting(Problem::what)
        .containsExactly(
            "the key onw is not known here and has no effect",
            "low 5 is above high 2",
            "count is 99; it must be from 1 to 10");
    assertThat(Spec.of(Joined.class).schema().at("/properties").propertyNames())
        .containsExactly("low", "high", "count", "note", "own");
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    var read = read(Everything.class, "name: n").orElseThrow();
    assertThat(read)
        .isEqualTo(
            new Everything(
                "n",
                1_024,
                9_000_000_000L,
                0.5,
                true,
                Mode.DROP_OLDEST,
                Duration.ofSeconds(5),
                new ByteSize(64_000),
                new Inner(3, ""),
                null,
                List.of(),
                null,
                Map.of(),
                null,
                null,
                null));
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void everyTypeIsRead() {
    var read =
        read(
                Everything.class,
                """
                name: other
                capacity_frames: 0x10
                big: -9223372036854775808
                share: 1
                enabled: false
                mode: Close
                write_timeout: 250ms
                buffer: 1MiB
                inner: {count: 7}
                maybe: {note: here}
                tags: [a, b]
                inners: [{count: 1}, {}]
                limits: {x: 1, y: 2}
                optional: 9
                token: secret
                raw: {any: [thing]}
                """)
            .orElseThrow();
    assertThat(read.capacityFrames()).isEqualTo(16);
    assertThat(read.big()).isEqualTo(Long.MIN_VALUE);
    assertThat(read.share()).isEqualTo(1);
    assertThat(read.enabled()).isFalse();
    assertThat(read.mode()).isEqualTo(Mode.CLOSE);
    assertThat(read.writeTimeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(read.buffer().toIntExact()).isEqualTo(1 << 20);
    assertThat(read.inner()).isEqualTo(new Inner(7, ""));
    assertThat(read.maybe()).isEqualTo(new Inner(3, "here"));
    assertThat(read.tags()).containsExactly("a", "b");
    assertThat(read.inners()).containsExactly(new Inner(1, ""), new Inner(3, ""));
    assertThat(read.limits()).containsExactly(Map.entry("x", 1), Map.entry("y", 2));
    assertThat(read.optional()).isEqualTo(9);
    assertThat(read.token()).isEqualTo("secret");
    assertThat(read.raw()).isInstanceOf(Tree.Mapping.class);
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void allProblemsAreReportedAtOnceEachAtItsPlace() {
    assertThat(
            read(
                Everything.class,
                """
                capacity_frames: 0
                big: 1.5
                share: 2
                enabled: maybe
                mode: drop_oldst
                write_timeout: 5
                buffer: lots
                inner: {count: 11, notes: x}
                tags: {a: 1}
                inners: [{count: x}, 7]
                limits: {x: 1, y: two}
                """))
        .isEmpty();
    assertThat(problems.all())
        .extracting(problem -> problem.location().pointer())
        .containsExactly(
            "/name",
            "/capacity_frames",
            "/big",
            "/share",
            "/enabled",
            "/mode",
            "/write_timeout",
            "/buffer",
            "/inner/notes",
            "/inner/count",
            "/tags",
            "/inners/0/count",
            "/inners/1",
            "/limits/y");
    assertThat(problems.errorCount()).isEqualTo(13);
    assertThat(problems.all().getFirst().what()).isEqualTo("the key name is missing");
    assertThat(problems.all().getFirst().fix()).isEqualTo("Add it: A name.");
    assertThat(problems.all().get(1).toString())
        .isEqualTo(
            """
            doc:1:18: error: capacity_frames is 0; it must be from 1 to 65536 [E_BAD_CONFIG]
                at  /capacity_frames
                fix Remove the key to get 1024.\
            """);
    assertThat(problems.all().get(5).fix()).isEqualTo("Did you mean drop_oldest?");
  }

  @Test
  void unknownKeysAreWarningsWithASuggestion() {
    assertThat(read(Ordered.class, "lwo: 1\nnothing_like_it: 2\n")).contains(new Ordered(1, 2));
    assertThat(problems.hasErrors()).isFalse();
    assertThat(problems.all())
        .extracting(Problem::fix)
        .containsExactly("Did you mean low?", "Known keys: low, high.");
    assertThat(problems.all().getFirst().location().line()).isEqualTo(1);
    assertThat(problems.strict().hasErrors()).isTrue();
  }

  @Test
  void whatNoKeyAloneCanKnowIsCheckedByTheRecord() {
    assertThat(read(Ordered.class, "low: 5")).isEmpty();
    assertThat(problems.all().getFirst().what()).isEqualTo("low 5 is above high 2");
  }

  @Test
  void aBugInARecordIsNoProblemOfTheDocument() {
    assertThatThrownBy(() -> read(Broken.class, "value: 7"))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("a bug");
  }

  @Test
  void aSpecWantsAMapping() {
    assertThat(read(Ordered.class, "[1]")).isEmpty();
    assertThat(problems.all().getFirst().what()).contains("a mapping is wanted here, not a list");
    assertThat(problems.all().getFirst().fix()).contains("low: …");
  }

  @ParameterizedTest
  @CsvSource({
    "capacity_frames, 65537, from 1 to 65536",
    "capacity_frames, 99999999999, 32-bit",
    "capacity_frames, 2147483648, 32-bit",
    "capacity_frames, text, an integer",
    "capacity_frames, [1], an integer",
    "big, 9223372036854775808, 64-bit",
    "big, 1e30, an integer",
    "share, .nan, finite",
    "share, .inf, finite",
    "share, '\"0.5\"', finite",
    "share, -0.1, from 0 to 1",
    "enabled, yes, true or false",
    "enabled, 1, true or false",
    "name, 7, text",
    "name, [x], text",
    "mode, 7, one of drop_oldest",
    "mode, {}, one of drop_oldest",
    "write_timeout, 1ms, from 0.1 to 3600",
    "write_timeout, 999999999999d, a duration",
    "write_timeout, {}, a duration",
    "buffer, 1023, at least 1024",
    "buffer, 999999999999999999GB, a size",
    "inner, 7, a mapping is wanted",
    "tags, x, a list",
    "tags, [[x]], text",
    "tags, [~], text",
    "limits, 5, a mapping",
  })
  void aWrongValueSaysWhatIsWanted(String key, String value, String what) {
    var name = key.equals("name") ? "" : "name: n\n";
    assertThat(read(Everything.class, name + key + ": " + value)).isEmpty();
    assertThat(problems.all()).singleElement().asString().contains(what).contains("/" + key);
  }

  @Test
  void valuesFromOutsideMayStandForNumbersAndBooleans() {
    var root = (Tree.Mapping) tree("name: n");
    root =
        Overrides.set(
            root,
            List.of("capacity_frames=+16", "share=0.25", "enabled=FALSE", "big=-5", "tags=a, b,,c"),
            problems);
    var read = Spec.of(Everything.class).read(root, problems).orElseThrow();
    assertThat(read.capacityFrames()).isEqualTo(16);
    assertThat(read.share()).isEqualTo(0.25);
    assertThat(read.enabled()).isFalse();
    assertThat(read.big()).isEqualTo(-5);
    assertThat(read.tags()).containsExactly("a", "b", "c");

    var wrong =
        Overrides.environment(
            root, Map.of("MILLRACE__CAPACITY_FRAMES", "1.5", "MILLRACE__SHARE", "half"), problems);
    assertThat(Spec.of(Everything.class).read(wrong, problems)).isEmpty();
    assertThat(problems.all())
        .extracting(problem -> problem.location().toString())
        .containsExactly("environment MILLRACE__CAPACITY_FRAMES", "environment MILLRACE__SHARE");
  }

  @Test
  void aSecretIsNeverQuoted() {
    assertThat(read(Everything.class, "name: n\ntoken: [hunter2]\n")).isEmpty();
    assertThat(read(Everything.class, "name: n\ntoken: 1234567\n")).isEmpty();
    assertThat(problems.toString()).contains("something else").doesNotContain("1234567");
  }

  @Test
  void defaultsAreThereWithoutADocumentUnlessAKeyIsRequired() {
    assertThat(Spec.of(Ordered.class).defaults()).isEqualTo(new Ordered(1, 2));
    assertThat(Spec.of(Defaults.class).defaults()).isEqualTo(new Defaults(List.of("a", "b"), 1));
    assertThatThrownBy(() -> Spec.of(Everything.class).defaults())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the key name is missing");
  }

  @Test
  void aRecordOfSomethingElseIsAProgrammersError() {
    record Odd(Thread thread) {}
    assertThatThrownBy(() -> Spec.of(Odd.class)).hasMessageContaining("a spec cannot hold");
  }

  @Test
  void keysDescribeThemselves() {
    var spec = Spec.of(Everything.class);
    assertThat(spec).isSameAs(Spec.of(Everything.class));
    assertThat(spec.type()).isEqualTo(Everything.class);
    assertThat(spec.keys())
        .extracting(Spec.Key::type)
        .containsExactly(
            "text",
            "integer",
            "integer",
            "number",
            "boolean",
            "drop_oldest | close",
            "duration",
            "size",
            "mapping",
            "mapping",
            "list of text",
            "list of mapping",
            "mapping of integer",
            "integer",
            "text",
            "document");
    assertThat(spec.keys()).filteredOn(Spec.Key::required).hasSize(1);
    assertThat(spec.keys()).filteredOn(Spec.Key::secret).hasSize(1);
    assertThat(Spec.snakeCase("maxHTTPBody2Size")).isEqualTo("max_httpbody2_size");
  }

  @Test
  void theSchemaSaysTheSame() {
    var schema = Spec.of(Everything.class).schema();
    assertThat(schema.at("/required").toString()).isEqualTo("[\"name\"]");
    assertThat(schema.at("/additionalProperties").booleanValue()).isFalse();
    var capacity = schema.at("/properties/capacity_frames");
    assertThat(capacity.get("type").stringValue()).isEqualTo("integer");
    assertThat(capacity.get("description").stringValue()).isEqualTo("A number.");
    assertThat(capacity.get("default").intValue()).isEqualTo(1_024);
    assertThat(capacity.get("minimum").doubleValue()).isEqualTo(1);
    assertThat(capacity.get("maximum").doubleValue()).isEqualTo(65_536);
    assertThat(schema.at("/properties/share/type").stringValue()).isEqualTo("number");
    assertThat(schema.at("/properties/enabled/default").booleanValue()).isTrue();
    assertThat(schema.at("/properties/mode/enum").toString())
        .isEqualTo("[\"drop_oldest\",\"close\"]");
    assertThat("250ms").matches(schema.at("/properties/write_timeout/pattern").stringValue());
    assertThat("1MiB").matches(schema.at("/properties/buffer/pattern").stringValue());
    assertThat(schema.at("/properties/buffer/default").stringValue()).isEqualTo("64KB");
    assertThat(schema.at("/properties/inner/properties/count/maximum").intValue()).isEqualTo(10);
    assertThat(schema.at("/properties/tags/items/type").stringValue()).isEqualTo("string");
    assertThat(schema.at("/properties/limits/additionalProperties/type").stringValue())
        .isEqualTo("integer");
    assertThat(schema.at("/properties/raw").isEmpty()).isTrue();
    assertThat(Spec.of(Ordered.class).schema().has("required")).isFalse();
  }

  @Test
  void anEmptyValueCountsAsLeftOut() {
    assertThat(read(Ordered.class, "low:\nhigh: ~\n")).contains(new Ordered(1, 2));
    var scalar = Tree.Scalar.of(Location.of("x"), null);
    assertThat(Spec.of(Ordered.class).read(scalar, problems)).isEmpty();
  }

  private <T extends Record> Optional<T> read(Class<T> type, String text) {
    return Spec.of(type).read(tree(text), problems);
  }

  private Tree tree(String text) {
    return Documents.parse("doc", text.getBytes(StandardCharsets.UTF_8), problems).orElseThrow();
  }
}
