package dev.millrace.systemtest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// A program beside the server that is asked over HTTP and answers by a rule.
final class Questioned implements AutoCloseable {
  final List<JsonNode> questions = new CopyOnWriteArrayList<>();
  final List<String> signatures = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final Function<JsonNode, String> answers;

  /// `answers` makes a JSON text of a question; an empty one is status 503.
  Questioned(Function<JsonNode, String> answers) {
    this.answers = answers;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/ask";
  }

  private void handle(HttpExchange exchange) throws IOException {
    var question = Json.tree(exchange.getRequestBody().readAllBytes());
    questions.add(question);
    signatures.add(String.valueOf(exchange.getRequestHeaders().getFirst("X-Millrace-Signature")));
    var answer = answers.apply(question).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.length == 0 ? 503 : 200, Math.max(-1, answer.length));
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
