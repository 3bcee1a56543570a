package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The log as it is for a process, in a process of its own.
class BootstrapTest {
  private static final int PATIENCE_SECONDS = 30;

  @Test
  void whatIsLoggedGoesToStandardErrorAndNothingElseIsSaid() throws Exception {
    var process = start("speak");
    var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(out).isEmpty();
    assertThat(err.lines())
        .hasSize(1)
        .first()
        .asString()
        .contains("\"level\":\"info\",\"target\":\"app.Hello\",\"msg\":\"hello\"");
  }

  @Test
  void theProcessEndsThoughNobodyReadsItsLog() throws Exception {
    var process = start("flood");
    try {
      // Nobody reads its standard error: the pipe is full after some hundred lines.
      var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(out.strip()).matches("closed after \\d+ ms");
      long millis = Long.parseLong(out.replaceAll("\\D", ""));
      assertThat(Duration.ofMillis(millis)).isLessThan(Duration.ofSeconds(5));
      assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void coloursAreForTerminalsOnly() {
    assertThat(Terminal.takesColours(99, Map.of("TERM", "dumb"))).isFalse();
    assertThat(Terminal.takesColours(99, Map.of("NO_COLOR", "1"))).isFalse();
    assertThat(Terminal.takesColours(99, Map.of())).isEqualTo(Terminal.isTerminal());
  }

  private static Process start(String what) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(LoggingProcess.class.getName(), what));
    return new ProcessBuilder(command).start();
  }
}
