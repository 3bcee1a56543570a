package dev.millrace.gateway.webhook;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// A program behind a real HTTP server that answers what a test has told it to.
final class AskedProgram implements AutoCloseable {
  final List<String> questions = new CopyOnWriteArrayList<>();
  volatile UnaryOperator<String> answers = question -> "{\"snapshots\":[]}";
  volatile int status = 200;
  private final HttpServer server;
  private volatile CountDownLatch gate = new CountDownLatch(0);

  AskedProgram() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  /// Keeps every answer back until [#goOn].
  void hesitate() {
    gate = new CountDownLatch(1);
  }

  void goOn() {
    gate.countDown();
  }

  private void handle(HttpExchange exchange) throws IOException {
    var question = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    questions.add(question);
    try {
      var _ = gate.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    var body = answers.apply(question).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, status == 204 ? -1 : body.length);
    if (status != 204) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  @Override
  public void close() {
    goOn();
    server.stop(0);
  }
}
