package dev.millrace.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.control.command.CommandCall.Origin;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.signal.Signal;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReloaderTest {
  private static final String FIRST = "low: 1\nserver: {limit: 10}\n";

  @TempDir Path folder;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final List<String> journal = new ArrayList<>();
  private final RecordingPart first = new RecordingPart("first", journal);
  private final RecordingPart second = new RecordingPart("second", journal);
  private final RecordingPart third = new RecordingPart("third", journal);
  private final LinkedBlockingQueue<Signal> announced = new LinkedBlockingQueue<>(100);
  private final SignalBus signals = new SignalBus(100, clock, metrics);
  private TestSource source;
  private LiveConfig<TestConfig> live;
  private Reloader<TestConfig> reloader;

  @BeforeEach
  void start() throws IOException {
    write(FIRST);
    begin(new TestSource(file()));
    signals.subscribe("test", Signal.class, announced::add, Duration.ofHours(1), () -> {});
  }

  private void begin(TestSource from) {
    source = from;
    live = from.load();
    reloader = new Reloader<>(live, from, List.of(first, second, third), signals, clock, metrics);
  }

  @AfterEach
  void stop() {
    reloader.close();
    signals.close();
  }

  /// Each row: what the file says next, what becomes of it, and the generation afterwards.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          low: 2\\nserver: {limit: 10}                  | Applied   | 2
          low: 1\\nserver: {limit: 10}                  | Unchanged | 1
          # words\\nserver:\\n  limit: 0xA\\nlow:  1     | Unchanged | 1
          low: 1\\r\\nserver: {limit: 10}\\r\\n          | Unchanged | 1
          ~{"server":{"limit":10},"low":1}~            | Unchanged | 1
          low: 1\\nserver: {limit: 10, port: 8080}      | Unchanged | 1
          low: 1\\nserver: {limit: 10, port: 9}         | Rejected  | 1
          low: 1\\nserver: {limit: 10, port: 9000}      | Applied   | 2
          low: 1\\nserver: {limit: 10}\\nunknown: 7      | Unchanged | 1
          low: 3\\nunknown: 7                           | Applied   | 2
          low: [                                       | Rejected  | 1
          low: 1\\nlow: 1                               | Rejected  | 1
          low: many                                    | Rejected  | 1
          low: 101                                     | Rejected  | 1
          low: 60                                      | Rejected  | 1
          \\tlow: 1                                     | Rejected  | 1
          low: ${NOT_SET}                              | Rejected  | 1
          low: ${NOT_SET:-2}                           | Applied   | 2
          low: !!int 1                                 | Rejected  | 1
          - low                                        | Rejected  | 1
          word                                         | Rejected  | 1
          # nothing                                    | Rejected  | 1
          ~ ~                                          | Rejected  | 1
          pipelines: [{name: a}]                       | Applied   | 2
          pipelines: [{nam: a}]                        | Rejected  | 1
          """)
  void whatAFileBecomes(String text, String outcome, long generation) throws Exception {
    write(text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t"));
    var before = live.get();
    var became = reload();
    assertThat(became.getClass().getSimpleName()).as(became.toString()).isEqualTo(outcome);
    assertThat(live.generation()).isEqualTo(generation).isEqualTo(became.generation());
    if (generation == 1) {
      assertThat(live.get()).isSameAs(before);
    }
    assertThat(live.state().lastError().isEmpty()).isEqualTo(!outcome.equals("Rejected"));
    assertThat(
            metrics.count(ConfigMetric.RELOADS, "rest", outcome.toLowerCase(java.util.Locale.ROOT)))
        .isEqualTo(1);
    if (outcome.equals("Unchanged")) {
      assertThat(journal).isEmpty();
      assertThat(announced.poll(20, TimeUnit.MILLISECONDS)).isNull();
    } else {
      assertThat(signal())
          .isInstanceOf(outcome.equals("Applied") ? ConfigReloaded.class : ConfigRejected.class);
    }
  }

  @Test
  void aChangeIsPreparedWholeThenMadeInOrderThenAnnounced() throws Exception {
    write("low: 2\npipelines: [{name: a}, {name: b, graph: {x: 1}}]\nunknown: 1\n");
    var applied = (ReloadOutcome.Applied) reload();
    assertThat(journal)
        .containsExactly(
            "first prepares",
            "second prepares",
            "third prepares",
            "first commits",
            "second commits",
            "third commits");
    assertThat(applied.diff().changed()).containsExactly("low");
    assertThat(applied.diff().added()).containsExactly("pipelines[a]", "pipelines[b]");
    assertThat(applied.diff().removed()).containsExactly("server.limit");
    assertThat(applied.warnings()).extracting(Problem::code).containsExactly("W_UNKNOWN_KEY");
    assertThat(live.get().low()).isEqualTo(2);
    assertThat(live.state().loadedAt().toEpochMilli()).isEqualTo(clock.epochMillis());
    var signal = (ConfigReloaded) signal();
    assertThat(signal.generation()).isEqualTo(2);
    assertThat(signal.changed()).containsExactly("low");
    assertThat(signal.warnings()).extracting(Finding::path).containsExactly("/unknown");
  }

  @Test
  void theOrderOfPipelinesIsNoChange() throws Exception {
    write("pipelines: [{name: a}, {name: b}]");
    reload();
    write("pipelines: [{name: b}, {name: a}]");
    assertThat(reload()).isInstanceOf(ReloadOutcome.Unchanged.class);
  }

  @Test
  void allThatIsWrongIsToldAtOnce() throws Exception {
    write("low: many\nserver: {port: -1}\npipelines: [{}]\n");
    var logged = new ListAppender<ILoggingEvent>();
    logged.start();
    Hushed.logger().addAppender(logged);
    var rejected = (ReloadOutcome.Rejected) reload();
    Hushed.logger().detachAppender(logged);
    assertThat(logged.list)
        .singleElement()
        .asString()
        .contains("ERROR", "it.yaml:1:6", "it.yaml:2:16", "it.yaml:3:13", "low wants an integer");
    assertThat(rejected.problems()).hasSize(3);
    var signal = (ConfigRejected) signal();
    assertThat(signal.generation()).isEqualTo(1);
    assertThat(signal.reason()).isEqualTo(ConfigRejected.INVALID);
    assertThat(signal.errors())
        .extracting(Finding::path)
        .containsExactlyInAnyOrder("/low", "/server/port", "/pipelines/0/name");
    assertThat(signal.errors()).extracting(Finding::line).contains(1, 2, 3);
    assertThat(live.state().lastError()).isEqualTo(rejected.problems());
  }

  @Test
  void aMissingFileIsRejectedAndItsReturnClearsTheError() throws Exception {
    Files.delete(file());
    assertThat(reload()).isInstanceOf(ReloadOutcome.Rejected.class);
    assertThat(((ConfigRejected) signal()).reason()).isEqualTo(ConfigRejected.MISSING);
    assertThat(live.state().lastError())
        .extracting(Problem::code)
        .containsExactly(ConfigSource.MISSING);
    assertThat(live.get().low()).isEqualTo(1);

    write(FIRST);
    assertThat(reload()).isInstanceOf(ReloadOutcome.Unchanged.class);
    assertThat(live.state().lastError()).isEmpty();
    assertThat(live.generation()).isEqualTo(1);
    assertThat(announced.poll(20, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void afterARejectionADifferentValidFileLoads() throws Exception {
    write("low: [");
    reload();
    write("low: 7\n");
    assertThat(reload()).isInstanceOf(ReloadOutcome.Applied.class);
    assertThat(live.get().low()).isEqualTo(7);
    assertThat(live.state().lastError()).isEmpty();
  }

  @Test
  void whatNeedsARestartIsListedUntilThenAndKeepsItsOldValue() throws Exception {
    write("low: 5\nserver: {limit: 10, port: 9000, host: other}\n");
    var applied = (ReloadOutcome.Applied) reload();
    assertThat(applied.restartRequired()).containsExactly("server.host", "server.port");
    assertThat(applied.diff().onRestart()).containsExactly("server.host", "server.port");
    assertThat(live.get().low()).isEqualTo(5);
    assertThat(live.get().server().port()).isEqualTo(8080);
    assertThat(third.committed().getLast().server().host()).isEqualTo("127.0.0.1");
    assertThat(live.masked().at("/server/port").intValue()).isEqualTo(8080);
    assertThat(((ConfigReloaded) signal()).restartRequired()).hasSize(2);

    var again = (ReloadOutcome.Unchanged) reload();
    assertThat(again.restartRequired()).containsExactly("server.host", "server.port");

    write("low: 6\nserver: {limit: 10, port: 9000}\n");
    var later = (ReloadOutcome.Applied) reload();
    assertThat(later.restartRequired()).containsExactly("server.port");
    assertThat(later.diff().onRestart()).containsExactly("server.host");

    write("low: 6\nserver: {limit: 10}\n");
    assertThat(((ReloadOutcome.Applied) reload()).restartRequired()).isEmpty();
    assertThat(live.generation()).isEqualTo(4);
    assertThat(new String(metrics.exposition(), java.nio.charset.StandardCharsets.UTF_8))
        .contains("millrace_config_generation 4.0", "millrace_config_restart_keys 0.0");
  }

  @Test
  void whatIsSoundOnlyAfterARestartIsRejectedWithItsReason() throws Exception {
    write("server: {limit: 8100, port: 9000}\n");
    var rejected = (ReloadOutcome.Rejected) reload();
    assertThat(rejected.problems())
        .extracting(Problem::code)
        .containsExactly("E_BAD_CONFIG", "E_NEEDS_RESTART");
    assertThat(rejected.problems().getLast().what()).contains("server.port");
  }

  @Test
  void aPartThatRefusesUndoesThoseBeforeItNewestFirst() throws Exception {
    third.fault = RecordingPart.Fault.REFUSES;
    write("low: 2\n");
    var rejected = (ReloadOutcome.Rejected) reload();
    assertThat(journal)
        .containsExactly(
            "first prepares",
            "second prepares",
            "third refuses",
            "second rolls back",
            "first rolls back");
    assertThat(rejected.problems().getLast().toString()).contains("it.yaml:7:1", "third refuses");
    assertThat(live.get().low()).isEqualTo(1);

    third.fault = RecordingPart.Fault.NONE;
    assertThat(reload()).isInstanceOf(ReloadOutcome.Applied.class);
  }

  @Test
  void aDefectWhilePreparingIsARejectionToo() throws Exception {
    second.fault = RecordingPart.Fault.DEFECT;
    first.fault = RecordingPart.Fault.ROLL_BACK;
    write("low: 2\n");
    var rejected = (ReloadOutcome.Rejected) reload();
    assertThat(rejected.problems().getLast().code()).isEqualTo("E_PART_FAILED");
    assertThat(journal).containsExactly("first prepares", "first rolls back");
    assertThat(metrics.count(ConfigMetric.PART_FAILURES, "first")).isEqualTo(1);
  }

  @Test
  void aPartThatFailsAtTheLastStepIsCountedAndTheOthersGoOn() throws Exception {
    second.fault = RecordingPart.Fault.COMMIT;
    write("low: 2\n");
    var applied = (ReloadOutcome.Applied) reload();
    assertThat(journal).endsWith("first commits", "second commits", "third commits");
    assertThat(applied.warnings()).extracting(Problem::code).containsExactly("W_PART_FAILED");
    assertThat(metrics.count(ConfigMetric.PART_FAILURES, "second")).isEqualTo(1);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void aDryRunChangesNothingAndRemembersNothing() throws Exception {
    write("low: 2\nserver: {limit: 10, port: 1000}\n");
    var would = (ReloadOutcome.WouldApply) reloader.reload(Origin.REST, true);
    assertThat(would.diff().changed()).containsExactly("low");
    assertThat(would.restartRequired()).containsExactly("server.port");
    assertThat(journal).endsWith("third rolls back", "second rolls back", "first rolls back");
    assertThat(live.generation()).isEqualTo(1);

    write("low: [");
    assertThat(reloader.reload(Origin.REST, true)).isInstanceOf(ReloadOutcome.Rejected.class);
    assertThat(live.state().lastError()).isEmpty();

    third.fault = RecordingPart.Fault.REFUSES;
    write("low: 2");
    assertThat(reloader.reload(Origin.REST, true)).isInstanceOf(ReloadOutcome.Rejected.class);
    write(FIRST);
    assertThat(reloader.reload(Origin.REST, true)).isInstanceOf(ReloadOutcome.Unchanged.class);
    assertThat(metrics.count(ConfigMetric.RELOADS, "rest", "dry_run")).isEqualTo(4);
    assertThat(announced.poll(20, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void theContentOfAFileThatAKeyNamesIsAChangeOfTheKey() throws Exception {
    Files.writeString(folder.resolve("cert.pem"), "one");
    write(FIRST + "cert_file: cert.pem\n");
    reload();
    Files.writeString(folder.resolve("cert.pem"), "two");
    var applied = (ReloadOutcome.Applied) reload();
    assertThat(applied.diff().changed()).containsExactly("cert_file");
    assertThat(reload()).isInstanceOf(ReloadOutcome.Unchanged.class);
  }

  @Test
  void aSecretInAFileThatChangesIsAChangeWithoutItsValue() throws Exception {
    Files.writeString(folder.resolve("token"), "CANARY-1\n");
    write(FIRST + "token_file: token\n");
    reload();
    assertThat(live.get().token()).isEqualTo("CANARY-1");
    assertThat(live.secrets()).containsExactly("CANARY-1");
    Files.writeString(folder.resolve("token"), "CANARY-2\n");
    var applied = (ReloadOutcome.Applied) reload();
    assertThat(applied.diff().changed()).containsExactly("token");
    assertThat(applied.toString()).doesNotContain("CANARY");
    assertThat(live.get().token()).isEqualTo("CANARY-2");
    assertThat(live.masked().toString()).doesNotContain("CANARY").contains("\"token\":\"***\"");
  }

  @Test
  void environmentAndOptionsStayInForceOverTheFile() throws Exception {
    begin(
        new TestSource(
            file(), Map.of("MILLRACE__LOW", "3", "MILLRACE__HIGH", "60"), List.of("low=4")));
    write("low: 9\nhigh: 70\nserver: {limit: 20}\n");
    var applied = (ReloadOutcome.Applied) reload();
    assertThat(live.get().low()).isEqualTo(4);
    assertThat(live.get().high()).isEqualTo(60);
    assertThat(applied.diff().changed()).containsExactly("server.limit");
  }

  @Test
  void aSourceThatFailsIsToldToWhoeverAskedAndTheNextReloadWorks() throws Exception {
    source.broken = true;
    assertThatThrownBy(this::reload).hasRootCauseMessage("a defect");
    source.broken = false;
    assertThat(reload()).isInstanceOf(ReloadOutcome.Unchanged.class);
  }

  @Test
  void whatIsHandedAroundShowsNoSecretByItself() throws Exception {
    write("low: 2\ntoken: CANARY\n");
    reload();
    assertThat(live.state().toString()).contains("generation 2").doesNotContain("CANARY");
    var problems = new dev.millrace.core.problem.Problems();
    var reading = source.read(problems);
    var document = reading.document().orElseThrow();
    var loaded =
        new ConfigSource.Loaded<>(reading, document, live.get(), problems.all()).toString();
    assertThat(loaded).contains("sound", "it.yaml").doesNotContain("CANARY");
  }

  @Test
  void theIdOfARequestFollowsItIntoTheParts() throws Exception {
    write("low: 2\n");
    dev.millrace.core.trace.Correlation.call("r-17", this::reload);
    assertThat(third.lastCorrelation).isEqualTo("r-17");
  }

  @Test
  void afterClosingNothingIsReloaded() {
    reloader.close();
    assertThatThrownBy(this::reload).hasMessageContaining("stopping");
  }

  private ReloadOutcome reload() throws InterruptedException {
    return reloader.reload(Origin.REST, false);
  }

  private Signal signal() throws InterruptedException {
    var signal = announced.poll(10, TimeUnit.SECONDS);
    assertThat(signal).isNotNull();
    return java.util.Objects.requireNonNull(signal);
  }

  private Path file() {
    return folder.resolve("it.yaml");
  }

  private void write(String text) throws IOException {
    Files.writeString(file(), text);
  }
}
