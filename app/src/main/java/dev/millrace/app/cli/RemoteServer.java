package dev.millrace.app.cli;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A running server, spoken to over HTTP by one command. Redirects are not followed: they could
/// carry the token elsewhere. Whatever the server says is shown without control characters.
final class RemoteServer implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration TIMEOUT = Duration.ofSeconds(40); // the server's own is 30 s
  private static final int MAX_JSON_BYTES = 4 << 20;

  private final URI address;
  private final @Nullable String token;
  private final HttpClient client;

  RemoteServer(URI address, @Nullable String token, @Nullable SSLContext trusted) {
    this.address = address;
    this.token = token;
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT);
    if (trusted != null) {
      builder.sslContext(trusted);
    }
    this.client = builder.build();
  }

  /// What was answered: JSON, or a body that has not been read yet.
  sealed interface Answer {
    int status();

    record Whole(int status, JsonNode body) implements Answer {}

    /// `length` is -1 where the server does not say. Whoever gets it closes it.
    record Streaming(int status, long length, InputStream body) implements Answer {}
  }

  URI address() {
    return address;
  }

  /// Asks for `path` and reads the answer, which must be JSON.
  ///
  /// @throws ExitException if there is no server, or another one
  Answer.Whole get(String path) throws ExitException, InterruptedException {
    return json(send(request(path).GET().build()));
  }

  /// Posts an empty command to `path`.
  Answer.Whole post(String path) throws ExitException, InterruptedException {
    return json(send(request(path).POST(HttpRequest.BodyPublishers.noBody()).build()));
  }

  /// Posts JSON to `path`.
  Answer.Whole post(String path, byte[] body) throws ExitException, InterruptedException {
    return json(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build()));
  }

  /// Opens a WebSocket at `path`.
  WebSocket open(String path, WebSocket.Listener listener)
      throws ExitException, InterruptedException {
    var builder = client.newWebSocketBuilder().connectTimeout(CONNECT_TIMEOUT);
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    var target = URI.create(address.toString().replaceFirst("^http", "ws") + path);
    try {
      return builder.buildAsync(target, listener).get();
    } catch (ExecutionException failed) {
      var cause = failed.getCause();
      if (cause instanceof WebSocketHandshakeException refused) {
        int status = refused.getResponse().statusCode();
        throw refusal(new Answer.Whole(status, Json.mapper().createObjectNode()));
      }
      throw unreachable(
          cause instanceof IOException broken ? broken : new IOException(String.valueOf(cause)));
    }
  }

  /// One segment of a path, or a value of a query.
  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// Asks for `path`; a 200 that is not JSON comes back as it streams in.
  Answer fetch(String path) throws ExitException, InterruptedException {
    var response = send(request(path).GET().build());
    boolean json =
        response.headers().firstValue("content-type").orElse("").startsWith("application/json");
    return response.statusCode() == 200 && !json
        ? new Answer.Streaming(
            200, response.headers().firstValueAsLong("content-length").orElse(-1), response.body())
        : json(response);
  }

  /// What to tell the user of an answer that was not hoped for.
  ExitException refusal(Answer.Whole answer) {
    var error = answer.body().path("error");
    var said = Messages.printable(error.path("message").asString(""));
    return switch (answer.status()) {
      case 401, 403 ->
          failure(
              "refuses: " + (said.isEmpty() ? "HTTP " + answer.status() : said),
              token == null
                  ? "Name a token: --token-file FILE, or $" + RemoteOptions.TOKEN_VARIABLE + "."
                  : "Use a token with the role for it.",
              null);
      default ->
          failure(
              "answers "
                  + answer.status()
                  + (said.isEmpty() ? ", which is not what was asked for" : ": " + said),
              "See the server's log"
                  + answer
                      .body()
                      .path("request_id")
                      .asStringOpt()
                      .map(id -> " for request " + Messages.printable(id))
                      .orElse("")
                  + ".",
              null);
    };
  }

  @Override
  public void close() {
    client.close();
  }

  private HttpRequest.Builder request(String path) {
    var builder = HttpRequest.newBuilder(URI.create(address + path)).timeout(TIMEOUT);
    if (token != null) {
      builder.header("Authorization", "Bearer " + token);
    }
    return builder;
  }

  private HttpResponse<InputStream> send(HttpRequest request)
      throws ExitException, InterruptedException {
    try {
      return client.send(request, BodyHandlers.ofInputStream());
    } catch (IOException failure) {
      throw unreachable(failure);
    }
  }

  private ExitException unreachable(IOException failure) {
    return switch (failure) {
      case SSLException untrusted ->
          unreachable(
              "cannot be reached safely: " + Messages.printable(untrusted.toString()),
              "Name the certificate of whoever signed the server's: --ca FILE.",
              untrusted);
      case HttpTimeoutException silent ->
          unreachable("does not answer in time", "Is it overloaded, or not there?", silent);
      case ConnectException nobody ->
          unreachable("cannot be reached", "Is it running, and is the address right?", nobody);
      default ->
          unreachable(
              "does not speak HTTP: " + Messages.printable(failure.toString()),
              "Is the address right? For a server with a certificate it begins with https.",
              failure);
    };
  }

  private Answer.Whole json(HttpResponse<InputStream> response) throws ExitException {
    try (var in = response.body()) {
      var bytes = in.readNBytes(MAX_JSON_BYTES);
      return new Answer.Whole(response.statusCode(), Json.tree(bytes));
    } catch (JacksonException foreign) {
      throw failure(
          "answers " + response.statusCode() + " and not in the way Millrace does",
          "Is the address that of a Millrace server?",
          foreign);
    } catch (IOException broken) {
      throw failure("broke its answer off: " + broken, "Try again.", broken);
    }
  }

  /// There is no server, or it has gone.
  ExitException unreachable(String what, String fix, @Nullable Throwable cause) {
    return exit(ExitCode.UNREACHABLE, what, fix, cause);
  }

  ExitException failure(String what, String fix, @Nullable Throwable cause) {
    return exit(ExitCode.FAILED, what, fix, cause);
  }

  private ExitException exit(ExitCode code, String what, String fix, @Nullable Throwable cause) {
    var text = "error: " + address + " " + what + "\n    fix " + fix;
    return cause == null ? new ExitException(code, text) : new ExitException(code, text, cause);
  }
}
