package dev.millrace.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/// A WebSocket client that shakes hands and then never reads again.
final class JammedClient implements AutoCloseable {
  private static final int SMALL = 4_096;

  private final Socket socket = new Socket();

  private JammedClient() {}

  /// Connects to `path` of the server at `address`; `token` may be empty.
  static JammedClient connect(URI address, String path, String token) {
    var client = new JammedClient();
    try {
      client.socket.setReceiveBufferSize(SMALL);
      client.socket.connect(new java.net.InetSocketAddress(address.getHost(), address.getPort()));
      var request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: "
              + address.getAuthority()
              + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
              + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n")
              + "\r\n";
      client.socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      var status = client.socket.getInputStream().readNBytes(12);
      if (!new String(status, StandardCharsets.ISO_8859_1).endsWith("101")) {
        throw new AssertionError("no handshake: " + new String(status, StandardCharsets.UTF_8));
      }
      return client;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
