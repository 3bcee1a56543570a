package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Problems;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverridesTest {
  private final Problems problems = new Problems();

  @Test
  void anAssignmentReplacesOneKeyAndLeavesTheRest() {
    var root = Read.mapping("server: {port: 1, host: h}\nlast: x\n");
    var changed =
        Overrides.set(root, List.of("server.port=2", "server.port=3", "new.deep.key=v"), problems);
    assertThat(Read.value(changed, "server", "port")).isEqualTo("3");
    assertThat(Read.value(changed, "server", "host")).isEqualTo("h");
    assertThat(Read.value(changed, "new", "deep", "key")).isEqualTo("v");
    assertThat(changed.entries().keySet()).containsExactly("server", "last", "new");
    assertThat(Read.value(root, "server", "port")).isEqualTo(1L);
    var server = (Tree.Mapping) Read.at(changed, "server");
    var port = Read.at(server, "port");
    assertThat(port.location().toString()).isEqualTo("--set server.port");
    assertThat(port.location().pointer()).isEqualTo("/server/port");
    assertThat(((Tree.Scalar) port).loose()).isTrue();
    assertThat(problems.all()).isEmpty();
  }

  @Test
  void aScalarInTheWayGivesPlaceToAMapping() {
    var changed = Overrides.set(Read.mapping("a: 1"), List.of("a.b=2"), problems);
    assertThat(Read.value(changed, "a", "b")).isEqualTo("2");
  }

  @Test
  void structuredValuesAreRead() {
    var changed =
        Overrides.set(
            Read.mapping(""), List.of("a={x: 1, y: [true]}", "b=[\"s\"]", "c=[broken"), problems);
    assertThat(Read.value(changed, "a", "y", "0")).isEqualTo(true);
    assertThat(Read.value(changed, "b", "0")).isEqualTo("s");
    assertThat(problems.all())
        .singleElement()
        .asString()
        .contains("--set c")
        .doesNotContain("broken");
  }

  @Test
  void whatIsNoAssignmentIsNamed() {
    var root = Read.mapping("a: 1");
    assertThat(Overrides.set(root, List.of("novalue", "=x"), problems)).isEqualTo(root);
    assertThat(problems.all()).hasSize(2);
    assertThat(problems.all().getFirst().toString()).contains("--set novalue", "key=value");
  }

  @Test
  void noProblemQuotesTheValueOfAnAssignment() {
    Overrides.set(
        Read.mapping(""), List.of("a={x: *CANARY}", "b=[!CANARY 1]", "=CANARY"), problems);
    assertThat(problems.all()).hasSize(3);
    assertThat(problems.toString()).doesNotContain("CANARY");
  }

  @Test
  void aKeyOfTooManyPartsIsRefused() {
    Overrides.set(Read.mapping(""), List.of("a.".repeat(100_000) + "b=1"), problems);
    assertThat(problems.all().getFirst().what()).contains("more than 200 parts");
  }

  @Test
  void whatComesFromNearerTheCommandTakesPrecedence() {
    var root = Read.mapping("a: 1\nb: 1\nc: 1\n");
    root = Overrides.environment(root, Map.of("MILLRACE__B", "2"), problems);
    root = Overrides.set(root, List.of("c=3"), problems);
    assertThat(root.entries().values())
        .extracting(value -> Overrides.precedence(value.location()))
        .containsExactly(0, 1, 2);
  }

  @Test
  void valuesMayHoldEqualsSignsAndMayBeEmpty() {
    var changed = Overrides.set(Read.mapping(""), List.of("a=b=c", "d="), problems);
    assertThat(Read.value(changed, "a")).isEqualTo("b=c");
    assertThat(Read.value(changed, "d")).isEqualTo("");
  }

  @Test
  void environmentVariablesNameKeysByDoubleUnderscores() {
    var changed =
        Overrides.environment(
            Read.mapping("server: {port: 1}"),
            Map.of(
                "MILLRACE__SERVER__PORT", "2",
                "MILLRACE__SERVER__DATA_DIR", "/d",
                "MILLRACE__", "ignored",
                "MILLRACE_HOME", "ignored",
                "PATH", "ignored"),
            problems);
    assertThat(Read.value(changed, "server", "port")).isEqualTo("2");
    assertThat(Read.value(changed, "server", "data_dir")).isEqualTo("/d");
    assertThat(changed.entries().keySet()).containsExactly("server");
    assertThat(Overrides.environmentName("server.data_dir"))
        .isEqualTo("MILLRACE__SERVER__DATA_DIR");
    assertThat(problems.all()).isEmpty();
  }
}
