package dev.millrace.app.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A small server that says what it is told to, and what commands print.
abstract class RemoteFixture {
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;
  final ByteArrayOutputStream out = new ByteArrayOutputStream();
  final ByteArrayOutputStream err = new ByteArrayOutputStream();
  final List<String> authorizations = new CopyOnWriteArrayList<>();
  final AtomicInteger asked = new AtomicInteger();

  @TempDir Path folder;
  HttpServer server;

  @BeforeEach
  void start() throws IOException {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    System.setOut(realOut);
    System.setErr(realErr);
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

  static int millrace(String... args) {
    return MillraceCommand.execute(args);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
