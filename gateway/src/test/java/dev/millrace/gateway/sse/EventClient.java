package dev.millrace.gateway.sse;

import dev.millrace.core.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Reads server-sent events as the HTML Standard says, section 9.2.6, over the JDK's HTTP client.
final class EventClient implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /// One dispatched event; `lastEventId` is what the client knows after it.
  record Event(String type, String data, String lastEventId) {
    JsonNode json() {
      return Json.tree(data.getBytes(StandardCharsets.UTF_8));
    }

    String payload() {
      return json().path("p").toString();
    }
  }

  final HttpResponse<InputStream> response;
  private final BufferedReader lines;
  private String lastEventId = "";
  private long retryMillis;
  private int comments;

  private EventClient(HttpResponse<InputStream> response) {
    this.response = response;
    this.lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  static EventClient open(int port, String pathAndQuery, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + pathAndQuery));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return new EventClient(HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
  }

  /// The next event, null at the end of the answer.
  @Nullable Event next() throws IOException {
    var data = new StringBuilder();
    String type = "message";
    boolean any = false;
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.isEmpty()) {
        if (any) {
          data.setLength(data.length() - 1);
          return new Event(type, data.toString(), lastEventId);
        }
        type = "message";
        continue;
      }
      int colon = line.indexOf(':');
      var field = colon < 0 ? line : line.substring(0, colon);
      var value = colon < 0 ? "" : line.substring(colon + 1);
      value = value.startsWith(" ") ? value.substring(1) : value;
      switch (field) {
        case "" -> comments++;
        case "event" -> type = value;
        case "id" -> lastEventId = value;
        case "retry" -> retryMillis = Long.parseLong(value);
        case "data" -> {
          any = true;
          data.append(value).append('\n');
        }
        default -> {} // as the standard says
      }
    }
    return null;
  }

  Event event() throws IOException {
    var event = next();
    if (event == null) {
      throw new AssertionError("the answer has ended");
    }
    return event;
  }

  /// Reads a line that is no event, such as a comment.
  String line() throws IOException {
    return String.valueOf(lines.readLine());
  }

  String lastEventId() {
    return lastEventId;
  }

  long retryMillis() {
    return retryMillis;
  }

  int comments() {
    return comments;
  }

  @Override
  public void close() throws IOException {
    response.body().close();
  }
}
