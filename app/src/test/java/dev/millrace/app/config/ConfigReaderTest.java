package dev.millrace.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.app.server.Catalogue;
import dev.millrace.control.config.ConfigSource;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
  private static final String GRAPH =
      """
      nodes:
        - { id: firehose, type: SimulatedFirehose }
        - { id: store, type: SqliteSink }
      connections:
        - { from: firehose, to: store }
      """;

  @TempDir private Path folder;

  private record Outcome(Optional<Settings> settings, Problems problems) {
    ServerSpec server() {
      return settings.orElseThrow(() -> new AssertionError(problems.toString())).config().server();
    }

    List<String> codes() {
      return problems.all().stream().map(Problem::code).toList();
    }

    Problem only() {
      assertThat(problems.all()).as(problems.toString()).hasSize(1);
      return problems.all().getFirst();
    }
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentOverTheFileOverTheDefault() {
    var file = write("server: { port: 1111, data_dir: from-file, host: 127.0.0.1 }\n");
    var environment = Map.of("MILLRACE__SERVER__PORT", "2222", "MILLRACE__SERVER__HOST", "::1");
    var server = read(file, environment, List.of("server.port=3333"), false).server();
    assertThat(server.port()).as("named everywhere").isEqualTo(3_333);
    assertThat(server.host()).as("named by environment and file").isEqualTo("::1");
    assertThat(server.dataDir()).as("named by the file").isEqualTo("from-file");
    assertThat(server.drainTimeout()).as("named nowhere").hasSeconds(10);
  }

  @Test
  void theLastAssignmentOfAKeyWins() {
    assertThat(
            read(null, Map.of(), List.of("server.port=1", "server.port=2"), false).server().port())
        .isEqualTo(2);
  }

  @Test
  void withoutAFileTheDefaultsHold() {
    var outcome = read(null, Map.of(), List.of(), false);
    assertThat(outcome.server().port()).isEqualTo(8_080);
    assertThat(outcome.settings().orElseThrow().graphs()).isEmpty();
  }

  @Test
  void aWrongValueIsAnErrorWhereverItStands() {
    var outcome =
        read(
            write("server:\n  drain_timeout: soon\n"),
            Map.of("MILLRACE__HUB__MAX_TOPICS", "many"),
            List.of("server.port=high", "nonsense"),
            false);
    assertThat(outcome.settings()).isEmpty();
    assertThat(outcome.problems().toString())
        .contains("millrace.yaml:2:18: error: drain_timeout wants a duration")
        .contains("environment MILLRACE__HUB__MAX_TOPICS: error: ")
        .contains("--set server.port: error: ")
        .contains("--set nonsense: error: this is not key=value");
  }

  @Test
  void problemsOfTheConfigurationAndOfItsGraphsAreReportedTogether() {
    var outcome =
        read(
            write(
                """
                server:
                  port: 70000
                pipelines:
                  - name: first
                    graph:
                      nodes:
                        - { id: firehose, type: SimulatedFirehos }
                      connections: []
                  - name: "no name"
                    graph: { nodes: [], connections: [] }
                  - name: second
                    graph:
                      nodes:
                        - { id: firehose, type: SimulatedFirehose, config: { rate: -1 } }
                        - { id: store, type: SqliteSink }
                      connections:
                        - { from: firehose, to: stor }
                """));
    assertThat(outcome.settings()).isEmpty();
    assertThat(outcome.problems().toString())
        .contains("millrace.yaml:2:9: error: ")
        .contains("no name")
        .contains("millrace.yaml:7:")
        .contains("Did you mean SimulatedFirehose?")
        .contains("millrace.yaml:14:")
        .contains("millrace.yaml:17:")
        .contains("stor");
  }

  @Test
  void anUnknownKeyIsAWarningWithASuggestion() {
    var outcome = read(write("server:\n  prot: 9000\n"));
    assertThat(outcome.settings()).isPresent();
    assertThat(outcome.only().toString())
        .contains("millrace.yaml:2:3: warning: the key prot is not known")
        .contains("Did you mean port?");
  }

  @Test
  void strictMakesWarningsErrorsByOptionAndByKey() {
    var byOption = read(write("server: { prot: 9000 }\n"), Map.of(), List.of(), true);
    assertThat(byOption.settings()).isEmpty();
    assertThat(byOption.only().isError()).isTrue();
    var byKey = read(write("strict_config: true\nserver: { prot: 9000 }\n"));
    assertThat(byKey.settings()).isEmpty();
  }

  @Test
  void aVariableIsFilledInAndItsDefaultTakenWhenItIsNotSet() {
    var file = write("server: { port: \"${PORT}\", data_dir: \"${DATA:-elsewhere}\" }\n");
    var server = read(file, Map.of("PORT", "4444"), List.of(), false).server();
    assertThat(server.port()).isEqualTo(4_444);
    assertThat(server.dataDir()).isEqualTo("elsewhere");
  }

  @Test
  void anUnsetVariableIsAnErrorAtItsPosition() {
    var outcome = read(write("server:\n  data_dir: ${NOWHERE}\n"));
    assertThat(outcome.settings()).isEmpty();
    assertThat(outcome.codes()).contains("E_UNSET_VARIABLE");
    assertThat(outcome.problems().toString())
        .contains("millrace.yaml:2:13: error: the environment variable NOWHERE is not set");
  }

  @Test
  void configDirIsTheFolderOfTheFileThatNamesIt() {
    var file = write("server: { data_dir: \"${CONFIG_DIR}/here\" }\n");
    assertThat(read(file).server().dataDir())
        .isEqualTo(folder.toAbsolutePath().normalize().resolve("here").toString());
  }

  @Test
  void aGraphMayStandInAFileOfItsOwn() {
    write("graphs/store.yaml", GRAPH);
    var outcome = read(write("pipelines: [ { name: store, file: graphs/store.yaml } ]\n"));
    assertThat(outcome.settings().orElseThrow().graphs())
        .singleElement()
        .satisfies(
            named -> {
              assertThat(named.name()).isEqualTo("store");
              assertThat(named.graph().nodes()).hasSize(2);
            });
  }

  @Test
  void aProblemOfAGraphFileNamesThatFile() {
    write("store.yaml", GRAPH.replace("SqliteSink", "SqliteSnk"));
    var outcome = read(write("pipelines: [ { name: store, file: store.yaml } ]\n"));
    assertThat(outcome.settings()).isEmpty();
    assertThat(outcome.problems().toString()).contains("store.yaml:3:");
  }

  @Test
  void aMissingGraphFileAndAMissingConfigurationAreNamed() {
    var graph = read(write("pipelines: [ { name: store, file: nowhere.yaml } ]\n"));
    assertThat(graph.only().toString()).contains("nowhere.yaml: error: there is no such file");
    var config = read(folder.resolve("other.yaml"));
    assertThat(config.only().toString()).contains("other.yaml: error: there is no such file");
  }

  @Test
  void twoPipelinesOfOneNameAreRefused() {
    write("store.yaml", GRAPH);
    var outcome =
        read(
            write(
                """
                pipelines:
                  - { name: store, file: store.yaml }
                  - { name: store, file: store.yaml }
                """));
    assertThat(outcome.only().toString())
        .contains("millrace.yaml:3:13: error: two pipelines are called store");
  }

  @Test
  void aPipelineHasAGraphOrAFileAndNotBoth() {
    assertThat(read(write("pipelines: [ { name: store } ]\n")).only().what())
        .contains("needs either graph or file");
  }

  @Test
  void aConfigurationIsAMapping() {
    assertThat(read(write("- server\n")).only().what()).contains("a mapping is wanted");
  }

  @Test
  void aBrokenDocumentIsOneProblemWithItsPosition() {
    assertThat(read(write("server: { port: 1\n")).only().location().line()).isPositive();
  }

  private Outcome read(@Nullable Path file) {
    return read(file, Map.of(), List.of(), false);
  }

  private static Outcome read(
      @Nullable Path file,
      Map<String, String> environment,
      List<String> assignments,
      boolean strict) {
    var problems = new Problems();
    var input = new ConfigReader.Input(environment, assignments, Optional.empty(), strict);
    var loaded = new ConfigReader(Catalogue.forChecking(), file, input).load(problems);
    return new Outcome(loaded.map(ConfigSource.Loaded::config), problems);
  }

  private Path write(String content) {
    return write("millrace.yaml", content);
  }

  private Path write(String name, String content) {
    try {
      var file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
