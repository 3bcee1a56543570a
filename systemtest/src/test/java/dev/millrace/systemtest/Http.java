package dev.millrace.systemtest;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Plain requests, each with a deadline.
final class Http {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Http() {}

  record Answer(int status, String body) {
    JsonNode json() {
      return Json.tree(body.getBytes(StandardCharsets.UTF_8));
    }
  }

  static Answer get(URI address, String path) {
    return send(HttpRequest.newBuilder(address.resolve(path)));
  }

  static Answer post(URI address, String path, String body) {
    return send(
        HttpRequest.newBuilder(address.resolve(path))
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  static Answer postJson(URI address, String path, String body) {
    return send(
        HttpRequest.newBuilder(address.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /// With a token of the server's configuration.
  /// A request of any method; without a token when `token` is null.
  static Answer ask(@Nullable String token, String method, URI address, String path, String body) {
    var request =
        HttpRequest.newBuilder(address.resolve(path))
            .header("Content-Type", "application/json")
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    return send(token == null ? request : as(token, request));
  }

  static Answer getAs(String token, URI address, String path) {
    return send(as(token, HttpRequest.newBuilder(address.resolve(path))));
  }

  static Answer postAs(String token, URI address, String path, String body) {
    return send(
        as(token, HttpRequest.newBuilder(address.resolve(path)))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  /// With one header of any kind.
  static Answer getWith(URI address, String path, String header, String value) {
    return send(HttpRequest.newBuilder(address.resolve(path)).header(header, value));
  }

  /// A body that is no text.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Download(int status, byte[] body) {}

  static Download downloadAs(String token, URI address, String path) {
    var answer =
        send(
            as(token, HttpRequest.newBuilder(address.resolve(path))),
            HttpResponse.BodyHandlers.ofByteArray());
    return new Download(answer.statusCode(), answer.body());
  }

  private static HttpRequest.Builder as(String token, HttpRequest.Builder request) {
    return request.header("Authorization", "Bearer " + token);
  }

  /// The status of a request whose every header is written by hand, `Host` included.
  static int rawStatus(URI address, String requestLine, String... headers) {
    try (var socket = new Socket(address.getHost(), address.getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      var request = requestLine + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      // "HTTP/1.1 403 ..."
      var begin = socket.getInputStream().readNBytes(12);
      return Integer.parseInt(new String(begin, 9, 3, StandardCharsets.ISO_8859_1));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static Answer send(HttpRequest.Builder request) {
    var answer = send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    return new Answer(answer.statusCode(), answer.body());
  }

  private static <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    try {
      return CLIENT.send(request.timeout(PATIENCE).build(), handler);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for an answer", interrupted);
    }
  }
}
