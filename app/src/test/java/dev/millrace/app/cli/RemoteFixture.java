package dev.millrace.app.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A small server that says what it is told to.
abstract class RemoteFixture extends CommandFixture {
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  final AtomicInteger asked = new AtomicInteger();

  HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  void answer(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          count(exchange);
          send(exchange, status, body);
        });
  }

  void count(HttpExchange exchange) {
    asked.incrementAndGet();
    var authorization = exchange.getRequestHeaders().getFirst("Authorization");
    authorizations.add(authorization == null ? "none" : authorization);
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  String token(String content) throws IOException {
    // Not in the folder: tests look whether it is empty.
    var file = Files.createTempFile("token", "");
    file.toFile().deleteOnExit();
    return Files.writeString(file, content).toString();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }
}
