package dev.millrace.gateway.wse;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// WebSocket handshakes by hand, for clients that then do what no library would.
@SuppressWarnings("StringConcatToTextBlock") // requests end their lines with CR LF
public final class RawSocket {
  private RawSocket() {}

  /// A connection whose handshake for `path` has been sent; reads wait 10 s at most.
  public static Socket open(int port, String path) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    var request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }
}
