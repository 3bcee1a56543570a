package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.Level;

class LogSpecTest {
  private final Problems problems = new Problems();

  @Test
  void theDefaultsWriteInfoToStandardError() {
    var spec = Spec.of(LogSpec.class).defaults();
    assertThat(spec.level()).isEqualTo(Level.INFO);
    assertThat(spec.output()).isEqualTo(LogSpec.Output.STDERR);
    assertThat(spec.format()).isEqualTo(LogSpec.Format.AUTO);
    assertThat(spec.queue()).isEqualTo(8_192);
    assertThat(spec.files()).isEqualTo(5);
  }

  @Test
  void levelsAreKeptByTheNamesThatTheLogShows() {
    var spec =
        read(
            """
            level: warn
            levels: {dev.millrace.engine: trace, io.netty: debug}
            file: a/b
            """);
    assertThat(spec).isPresent();
    assertThat(spec.get().levels())
        .isEqualTo(Map.of("engine", Level.TRACE, "io.netty", Level.DEBUG));
    assertThat(problems.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "levels: {root: debug}         | logging.levels names \"root\"",
        "levels: {dev.millrace: debug} | logging.levels names \"dev.millrace\"",
        "levels: {'a b': debug}        | logging.levels names \"a b\"",
        "levels: {engine: loud}        | wants one of",
        "file: /var/log/x              | beneath the data directory",
        "file: ../x                    | beneath the data directory",
        "file: a/../../x               | beneath the data directory",
        "file: a/..                    | beneath the data directory",
        "file: ''                      | beneath the data directory",
        "queue: 1                      | from 16 to",
        "files: 0                      | from 1 to",
      })
  void whatCannotBeIsSaid(String yaml, String problem) {
    assertThat(read(yaml)).isEmpty();
    assertThat(problems.toString()).contains(problem);
  }

  @Test
  void onlyLevelsChangeLive() {
    assertThat(Spec.of(LogSpec.class).keys())
        .allSatisfy(key -> assertThat(key.onRestart()).isEqualTo(!key.name().startsWith("level")));
  }

  private Optional<LogSpec> read(String yaml) {
    return Documents.parse("test", yaml.getBytes(StandardCharsets.UTF_8), problems)
        .flatMap(tree -> Spec.of(LogSpec.class).read(tree, problems));
  }
}
