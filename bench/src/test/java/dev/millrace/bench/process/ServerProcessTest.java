package dev.millrace.bench.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Test
  void aServerIsReadyWhenItSaysSoAndGoneWhenClosed() throws Exception {
    var server = ReferenceProcess.start(PATIENCE);
    int port = server.address().getPort();
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      assertThat(socket.isConnected()).isTrue();
    }
    assertThat(server.cpu()).isPositive();

    server.close();

    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(IOException.class);
    assertThat(server.output()).contains("ready http://127.0.0.1:" + port);
    assertThatThrownBy(server::cpu).hasMessageContaining("has ended");
  }

  @Test
  void aServerThatEndsIsToldWithItsLastWords() {
    var command = JavaCommand.of(List.of(), "dev.millrace.NoSuchMain", List.of());

    assertThatThrownBy(() -> ServerProcess.start("broken", command, PATIENCE))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the broken server ended before it was ready")
        .hasMessageContaining("dev.millrace.NoSuchMain");
  }

  @Test
  void aServerThatNeverGetsReadyIsGivenUp() {
    var command = List.of("sleep", "30");

    assertThatThrownBy(() -> ServerProcess.start("silent", command, Duration.ofMillis(200)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the silent server was not ready within");
  }
}
