package dev.millrace.connect.redis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Stands between a client and a server on loopback, and keeps every piece of data for a while. Its
/// threads end with the connections.
final class SlowNetwork implements AutoCloseable {
  private final ServerSocket door;
  private final int port;
  private final long delayNanos;

  SlowNetwork(int port, Duration delay) throws IOException {
    this.door = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    this.port = port;
    this.delayNanos = delay.toNanos();
    Thread.ofVirtual().start(this::accept);
  }

  String url() {
    return "redis://127.0.0.1:" + door.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        var client = door.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> carry(client, server));
        Thread.ofVirtual().start(() -> carry(server, client));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void carry(Socket from, Socket to) {
    var buffer = new byte[8_192];
    try (from;
        to) {
      for (int n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        LockSupport.parkNanos(delayNanos);
        to.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException ended) {
      // One side has gone; the other is closed with it.
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
  }
}
