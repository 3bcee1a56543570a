package dev.millrace.app.reference;

import dev.millrace.app.cli.ExitException;
import dev.millrace.app.config.ConfigReader;
import dev.millrace.app.server.Foundation;
import dev.millrace.app.server.Server;
import dev.millrace.app.server.ServiceHolder;
import dev.millrace.core.json.Json;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What a server answers to, out of the table it serves by: a server is started on a free port and
/// asked for `/openapi.json`.
record ServedRoutes(List<Operation> operations, List<Failure> common) {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Pattern FAILURE = Pattern.compile("(?:^|; )([A-Z][A-Z_]+): ");

  /// One method at one path. `socket` is what the WebSocket there does, null where there is none;
  /// `method` is null where there is nothing else.
  record Operation(
      @Nullable String method,
      String path,
      String summary,
      String role,
      String surface,
      @Nullable String socket,
      List<Parameter> parameters,
      @Nullable String takes,
      @Nullable String answers,
      List<Failure> failures) {}

  record Parameter(String name, String where, String what) {}

  /// `code` is empty where the failure has the form of a success.
  record Failure(int status, String code, String when) {}

  static ServedRoutes ask(Path folder) throws IOException, InterruptedException, ExitException {
    var services = new ServiceHolder();
    var problems = new Problems();
    var settings = List.of("server.port=0", "server.data_dir=" + folder);
    var input = new ConfigReader.Input(Map.of(), settings, Optional.empty(), true);
    var reader = new ConfigReader(services.catalogue(), null, input);
    var loaded = reader.load(problems).orElseThrow(() -> new AssertionError(problems.toString()));
    try (var foundation = Foundation.lay();
        var server = new Server(foundation, services, reader, loaded)) {
      server.start();
      return of(document(server.address()));
    }
  }

  private static JsonNode document(URI address) throws IOException, InterruptedException {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(address.resolve("/openapi.json")).timeout(PATIENCE).build();
      return Json.tree(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
    }
  }

  private static ServedRoutes of(JsonNode document) {
    var operations = new ArrayList<Operation>();
    for (var path : document.path("paths").properties()) {
      for (var method : path.getValue().properties()) {
        operations.add(operation(path.getKey(), method.getKey(), method.getValue()));
      }
    }
    operations.sort(Comparator.comparing(Operation::path));
    var common = new ArrayList<Failure>();
    for (var response : document.path("components").path("responses").properties()) {
      common.addAll(failures(response.getKey(), response.getValue()));
    }
    return new ServedRoutes(List.copyOf(operations), List.copyOf(common));
  }

  private static Operation operation(String path, String method, JsonNode operation) {
    boolean socketOnly = operation.path("x-protocol").asString("").equals("websocket");
    var summary = operation.path("summary").asString("");
    var beside = operation.path("x-websocket").asString("");
    var failures = new ArrayList<Failure>();
    operation
        .path("responses")
        .properties()
        .forEach(response -> failures.addAll(failures(response.getKey(), response.getValue())));
    return new Operation(
        socketOnly ? null : method.toUpperCase(Locale.ROOT),
        path,
        summary,
        operation.path("x-role").asString(""),
        operation.path("x-surface").asString(""),
        socketOnly ? summary : beside.isEmpty() ? null : beside,
        parameters(operation.path("parameters")),
        example(operation.path("requestBody")),
        example(operation.path("responses").path("2XX")),
        List.copyOf(failures));
  }

  private static List<Parameter> parameters(JsonNode listed) {
    var parameters = new ArrayList<Parameter>();
    for (var one : listed) {
      parameters.add(
          new Parameter(
              one.path("name").asString(""),
              one.path("in").asString(""),
              one.path("description").asString("")));
    }
    return List.copyOf(parameters);
  }

  private static @Nullable String example(JsonNode owner) {
    for (var media : owner.path("content").properties()) {
      var example = media.getValue().path("example");
      return example.isString() ? example.asString() : example.toString();
    }
    return null;
  }

  /// What the description of one status lists, one after the other.
  private static List<Failure> failures(String status, JsonNode response) {
    if (!status.matches("[45][0-9]{2}") || response.has("$ref")) {
      return List.of(); // a success, or what every route shares
    }
    int number = Integer.parseInt(status);
    var text = response.path("description").asString("");
    var codes = FAILURE.matcher(text).results().toList();
    if (codes.isEmpty()) {
      return List.of(new Failure(number, "", text));
    }
    var failures = new ArrayList<Failure>();
    for (int i = 0; i < codes.size(); i++) {
      int end = i + 1 < codes.size() ? codes.get(i + 1).start() : text.length();
      failures.add(
          new Failure(number, codes.get(i).group(1), text.substring(codes.get(i).end(), end)));
    }
    return failures;
  }
}
