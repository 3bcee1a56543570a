package dev.millrace.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/// A load balancer of the simplest kind: one port, behind it the server of the moment. Its threads
/// end with the connections.
final class Relay implements AutoCloseable {
  private final ServerSocket door;
  private volatile URI server; // written by the test

  Relay(URI server) {
    this.server = server;
    try {
      this.door = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /// Who connects from now on comes to another server.
  void leadTo(URI newServer) {
    server = newServer;
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        var client = door.accept();
        Thread.ofVirtual().start(() -> join(client));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private void join(Socket client) {
    try {
      var behind = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
      Thread.ofVirtual().start(() -> carry(behind, client));
      carry(client, behind);
    } catch (IOException away) {
      close(client);
    }
  }

  private static void carry(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException ended) {
      // One side has gone; the other is told below.
    }
    close(from);
    close(to);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // It is gone either way.
    }
  }

  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
