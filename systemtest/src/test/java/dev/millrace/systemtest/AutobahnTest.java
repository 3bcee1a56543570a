package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the product's sockets make of everything that RFC 6455 allows and forbids.
class AutobahnTest {
  private static final Duration SHORT = Duration.ofMinutes(2);
  private static final Duration LONG = Duration.ofMinutes(15);
  private static final int BASIC_CASES = 100; // more than these are in the selection
  private static final int ALL_CASES = 290;

  /// Framing, pings, reserved bits and opcodes, fragments, UTF-8 and closing.
  private static final List<String> BASIC =
      List.of("1.*", "2.*", "3.*", "4.*", "5.*", "6.1.*", "6.2.*", "6.3.*", "6.4.*", "7.*");

  /// Frames written a byte at a time with pauses, and 64 KiB pongs: they are among all cases.
  private static final List<String> SLOW = List.of("6.4.*");

  @TempDir private Path folder;

  @Test
  void everyRuleOfFramingTextAndClosingIsKept() throws ProblemException {
    try (var server = new EchoServer()) {
      assertSound(Autobahn.run(server.address(), BASIC, SLOW, folder, SHORT), BASIC_CASES);
    }
  }

  @Test
  @Tag("slow") // some minutes: messages of 16 MiB in the smallest pieces
  void noCaseOfTheWholeSuiteFails() throws ProblemException {
    try (var server = new EchoServer()) {
      assertSound(Autobahn.run(server.address(), List.of("*"), List.of(), folder, LONG), ALL_CASES);
    }
  }

  @Test
  void theProcessKeepsEveryRuleToo() {
    try (var process =
        MillraceProcess.start(folder, "run", "--set", "server.port=0", "--set", "hub.debug=true")) {
      var address = process.awaitReady();
      assertThat(Handshake.outcome(address, "/wse/echo", "")).isEqualTo(101);
      var echo = URI.create("ws://" + address.getAuthority() + "/wse/echo");
      assertSound(Autobahn.run(echo, BASIC, SLOW, folder, SHORT), BASIC_CASES);
      assertThat(process.err()).doesNotContain("\"level\":\"error\"");
    }
  }

  private static void assertSound(List<Autobahn.Verdict> verdicts, int atLeast) {
    assertThat(verdicts).as("cases that ran").hasSizeGreaterThan(atLeast);
    assertThat(verdicts).filteredOn(one -> !one.isSound()).isEmpty();
  }
}
