package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.ProblemException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the product's sockets make of everything that RFC 6455 allows and forbids.
@Order(1) // among the longest
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

  /// By a listener alone, and by the process with all that it has around it.
  @Test
  void everyRuleOfFramingTextAndClosingIsKept() throws ProblemException {
    try (var listener = new EchoServer();
        var process =
            MillraceProcess.start(
                folder, "run", "--set", "server.port=0", "--set", "hub.debug=true")) {
      var address = process.awaitReady();
      assertThat(Handshake.outcome(address, "/wse/echo", "")).isEqualTo(101);
      var echo = URI.create("ws://" + address.getAuthority() + "/wse/echo");
      var servers = Map.of("listener", listener.address(), "process", echo);
      var verdicts = Autobahn.run(servers, BASIC, SLOW, folder, SHORT);
      for (var server : servers.keySet()) {
        assertSound(verdicts, server, BASIC_CASES);
      }
      assertThat(process.err()).doesNotContain("\"level\":\"error\"");
    }
  }

  @Test
  @Tag("slow") // some minutes: messages of 16 MiB in the smallest pieces
  void noCaseOfTheWholeSuiteFails() throws ProblemException {
    try (var listener = new EchoServer()) {
      var servers = Map.of("listener", listener.address());
      var verdicts = Autobahn.run(servers, List.of("*"), List.of(), folder, LONG);
      assertSound(verdicts, "listener", ALL_CASES);
    }
  }

  private static void assertSound(List<Autobahn.Verdict> verdicts, String server, int atLeast) {
    var those = verdicts.stream().filter(one -> one.server().equals(server)).toList();
    assertThat(those).as("cases that ran at the %s", server).hasSizeGreaterThan(atLeast);
    assertThat(those).filteredOn(one -> !one.isSound()).isEmpty();
  }
}
