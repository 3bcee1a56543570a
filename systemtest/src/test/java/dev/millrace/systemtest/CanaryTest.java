package dev.millrace.systemtest;

import static dev.millrace.systemtest.Canaries.BROKEN;
import static dev.millrace.systemtest.Canaries.FILE;
import static dev.millrace.systemtest.Canaries.MARK;
import static dev.millrace.systemtest.Canaries.OPS;
import static dev.millrace.systemtest.Canaries.PIPELINES;
import static dev.millrace.systemtest.Canaries.READER;
import static dev.millrace.systemtest.Canaries.SECRET_INLINE;
import static dev.millrace.systemtest.Canaries.SECRET_IN_FILE;
import static dev.millrace.systemtest.Canaries.VARIABLES;
import static dev.millrace.systemtest.Canaries.canary;
import static dev.millrace.systemtest.Canaries.outside;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.testkit.Await;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A secret of the configuration is nowhere to be seen: not in what is printed, logged, counted,
/// kept or answered, whichever way it came in and whatever is wrong around it.
class CanaryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Sightings sightings = new Sightings(MARK);

  @TempDir private Path folder;

  @BeforeEach
  void writeSecrets() {
    Canaries.writeFiles(folder);
  }

  @Test
  void everySecretKeyIsCoveredInEachWay() {
    var first = SecretKeys.in(parsed(FILE), true);
    var second = SecretKeys.in(parsed(SECRET_IN_FILE), true);
    var third = SecretKeys.in(parsed(SECRET_INLINE), true);
    assertThat(first).isNotEmpty();
    first.forEach(
        (key, texts) -> {
          var all = new ArrayList<>(texts);
          all.addAll(second.getOrDefault(key, List.of()));
          all.addAll(third.getOrDefault(key, List.of()));
          assertThat(all).as(key).isNotEmpty();
          if (!key.endsWith("_file")) {
            assertThat(all).as(key).anyMatch(text -> text.contains("${"));
            assertThat(all).as(key).anyMatch(text -> text.contains(MARK));
          }
        });
    for (var outside : List.of(outside("env"), outside("set"))) {
      var assignments = new ArrayList<String>();
      outside.forEach((key, value) -> assignments.add(key + "=" + value));
      var problems = new Problems();
      var tree = Overrides.set(Tree.Mapping.empty(Location.of("test")), assignments, problems);
      assertThat(SecretKeys.in(tree, false))
          .allSatisfy((key, texts) -> assertThat(texts).as(key).anyMatch(t -> t.contains(MARK)));
    }
  }

  @Test
  void aSecretOfTheFileIsNowhereToBeSeen() {
    var text = FILE + PIPELINES;
    var file = Graphs.write(folder.resolve("millrace.yaml"), text);
    check(file, text);
    try (var process = MillraceProcess.start(folder, VARIABLES, "run", file.toString())) {
      exercise(
          process,
          file,
          BROKEN,
          OPS,
          READER,
          SECRET_INLINE + PIPELINES,
          SECRET_IN_FILE + PIPELINES);
    }
    sightings.assertNone();
  }

  @Test
  void aSecretFromOutsideTheFileIsNowhereToBeSeen() {
    var text =
        "server: { port: 0 }\nlogging: { level: trace, output: file }\n"
            + "cluster: { broker: { mode: streams } }\n"
            + PIPELINES;
    var file = Graphs.write(folder.resolve("millrace.yaml"), text);
    var environment = new TreeMap<>(VARIABLES);
    outside("env").forEach((key, value) -> environment.put(Overrides.environmentName(key), value));
    var args = new ArrayList<>(List.of("run", file.toString()));
    outside("set").forEach((key, value) -> args.addAll(List.of("--set", key + "=" + value)));
    try (var process = MillraceProcess.start(folder, environment, args.toArray(String[]::new))) {
      // What these say of auth, the cluster and the hub has no effect here.
      var broken =
          BROKEN.stream().filter(one -> !one.matches("(?s)(auth|cluster|hub): .*")).toList();
      exercise(process, file, broken, OPS + "-set", READER + "-set", text);
    }
    sightings.assertNone();
  }

  private void exercise(
      MillraceProcess process,
      Path file,
      List<String> broken,
      String admin,
      String viewer,
      String... sound) {
    var address = process.awaitReady();
    try (var console = WebSocketClient.connectAs(admin, address, "/ws/noc");
        var screen = WebSocketClient.connectAs(viewer, address, "/ws/noc")) {
      order(console, "\"command\":\"log_subscribe\",\"args\":{\"level\":\"trace\"}");
      getEverything(address, admin, viewer);
      showWrongTokens(address, admin);
      giveBadCommands(address, admin, viewer, console);
      loadBrokenFiles(address, file, broken, admin);
      for (var text : sound) {
        Graphs.write(file, text);
        var reload = Http.postAs(admin, address, "/api/v1/admin/reload", "");
        assertThat(reload.status()).as(reload.body()).isEqualTo(200);
        sightings.see("reload", reload.body());
      }
      backUp(address, admin);
      getEverything(address, admin, viewer);
      order(console, "\"command\":\"log_level\",\"args\":{\"level\":\"debug\"}");
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      for (var socket : List.of(console, screen)) {
        assertThat(socket.received()).hasSizeGreaterThan(5);
        socket.received().forEach(message -> see(message.json().path("type").asString(), message));
      }
    }
    sightings.see("standard output", process.out());
    sightings.see("standard error", process.err());
    sightings.seeFiles(folder.resolve("data"));
  }

  private void see(String type, WebSocketClient.Message message) {
    sightings.see("/ws/noc " + type, message.category() + message.json());
  }

  private void getEverything(URI address, String admin, String viewer) {
    var paths = Http.get(address, "/openapi.json").json().path("paths");
    assertThat(paths.size()).isGreaterThan(10);
    for (var path : paths.properties()) {
      var get = path.getValue().path("get");
      if (get.isObject() && !get.has("x-protocol")) {
        var named = path.getKey().replaceAll("\\{name}", "upstream").replaceAll("\\{\\w+}", "none");
        var place = named.endsWith("/tap") ? named + "?for=100ms" : named; // it would not end
        for (var token : List.of(admin, viewer)) {
          var answer = Http.getAs(token, address, place);
          assertThat(answer.status()).as(place).isNotEqualTo(500);
          sightings.see("GET " + place, answer.body());
        }
      }
    }
  }

  private void showWrongTokens(URI address, String admin) {
    for (var path : List.of("/api/v1/pipelines", "/stats", "/api/v1/admin/reload", "/wse")) {
      for (var token :
          List.of(admin + "x", "x" + admin, admin + "." + admin + ".x", canary("no"))) {
        see("Bearer", address, path, "Authorization", "Bearer " + token);
        see("no scheme", address, path, "Authorization", token);
        see("Basic", address, path, "Authorization", "Basic " + token);
        see("cookie", address, path, "Cookie", "access_token=" + token);
        see("query", address, path + "?token=" + token + "&access_token=" + token, "A", "b");
      }
    }
  }

  private void see(String how, URI address, String path, String header, String value) {
    var answer = Http.getWith(address, path, header, value);
    assertThat(answer.status()).as(path).isBetween(400, 499);
    sightings.see("wrong token by " + how, answer.body());
  }

  private void giveBadCommands(URI address, String admin, String viewer, WebSocketClient console) {
    for (var command : List.of("log_level", "pause", "start", "reboot", "reload")) {
      for (var key : List.of("level", "target", "pipeline", "dry_run", admin)) {
        var arguments = "{\"" + key + "\":\"" + admin + "\"}";
        post(admin, address, command, arguments);
        order(console, "\"command\":\"" + command + "\",\"args\":" + arguments);
      }
      // Not known to be a secret but for the name of the argument.
      post(admin, address, command, "{\"password\":\"" + canary("argument") + "\"}");
      post(viewer, address, command, "{\"pipeline\":\"" + admin + "\"}");
      post(admin, address, command, "{\"pipeline\":\"" + admin);
      post(admin, address, command, "[\"" + admin + "\"]");
    }
    post(admin, address, admin, "{}");
    order(console, "\"command\":\"" + admin + "\"");
    console.send(admin);
    console.send("{\"op\":\"" + admin + "\"}");
  }

  private void post(String token, URI address, String command, String body) {
    var answer = Http.postAs(token, address, "/api/v1/admin/" + command, body);
    assertThat(answer.status()).as(command + body + answer.body()).isNotEqualTo(500);
    sightings.see(
        "POST " + command + " " + body.replaceAll(MARK + ".*?(?=[\"\\]}]|$)", "C"), answer.body());
  }

  /// Sends a command and waits for its result, so that no more wait than are allowed to.
  private static void order(WebSocketClient console, String command) {
    var results = results(console);
    console.send("{\"op\":\"command\",\"id\":7," + command + "}");
    console.await("a result", all -> results(console) > results);
  }

  private static long results(WebSocketClient console) {
    return console.received().stream()
        .filter(message -> message.json().path("type").asString("").equals("CommandResult"))
        .count();
  }

  private void loadBrokenFiles(URI address, Path file, List<String> texts, String admin) {
    for (var broken : texts) {
      Graphs.write(file, broken.replace("SECRET", canary("broken")));
      for (var query : List.of("?dry_run=1", "")) {
        var answer = Http.postAs(admin, address, "/api/v1/admin/reload" + query, "");
        assertThat(answer.status()).as(broken).isEqualTo(422);
        sightings.see("reload of " + broken, answer.body());
      }
      for (var path : List.of("/api/v1/config", "/health", "/api/v1/telemetry")) {
        sightings.see(path + " after " + broken, Http.getAs(admin, address, path).body());
      }
    }
  }

  private void backUp(URI address, String admin) {
    var begun = Http.postAs(admin, address, "/api/v1/admin/backup", "");
    assertThat(begun.status()).as(begun.body()).isEqualTo(200);
    var path = "/api/v1/admin/backup/" + begun.json().path("state").path("id").asString();
    var archives = new ArrayList<byte[]>();
    Await.until(
        PATIENCE,
        () -> {
          var answer = Http.downloadAs(admin, address, path);
          if (answer.status() == 200) {
            archives.add(answer.body());
          }
          return answer.status() != 202;
        },
        () -> "the backup is never ready");
    assertThat(archives).hasSize(1);
    sightings.seeArchive("backup", archives.getFirst());
  }

  /// `millrace check`, of the sound file and of everything that is wrong at once.
  private void check(Path file, String sound) {
    var wrong =
        Graphs.write(
            folder.resolve("wrong.yaml"),
            sound.replace("role: viewer", "role: veiwer").replace("kid: first", "kid: [first]"));
    var halfWritten =
        Graphs.write(
            folder.resolve("half.yaml"), sound.substring(0, sound.indexOf(OPS) + OPS.length()));
    for (var each : Map.of(file, 0, wrong, 1, halfWritten, 1).entrySet()) {
      try (var process =
          MillraceProcess.start(folder, VARIABLES, "check", each.getKey().toString())) {
        assertThat(process.awaitExit(PATIENCE)).as(process.out()).isEqualTo(each.getValue());
        sightings.see("check " + each.getKey().getFileName(), process.out() + process.err());
      }
    }
  }

  private static Tree.Mapping parsed(String text) {
    var problems = new Problems();
    return Documents.parseMapping("test", text.getBytes(StandardCharsets.UTF_8), problems)
        .orElseThrow(() -> new AssertionError(problems.toString()));
  }
}
