package dev.millrace.systemtest;

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

  /// Every secret begins with it, and nothing else in the world holds it.
  private static final String MARK = "c4n4ry";

  private static final String OPS = canary("ops");
  private static final String READER = canary("reader");

  private static final String FILE =
      """
      server: { port: 0 }
      logging: { level: trace }
      auth:
        failures_per_address: { refill_rate: 0 }
        tokens:
          - { name: ops, token: OPS, role: admin }
          - { name: reader, token: "${READER_TOKEN}", role: viewer }
          - { name: night, token_file: night.token, role: operator }
        jwt:
          secret: "${JWT_SECRET}"
          previous_secrets: [INLINE_PREVIOUS, "${PREVIOUS_SECRET}"]
          keys:
            - { kid: first, algorithm: HS256, secret: INLINE_KEY }
            - { kid: second, algorithm: HS256, secret: "${KEY_SECRET}" }
            - { kid: third, algorithm: HS256, secret_file: third.secret }
      hub:
        signing: { types: [trade], secret: "${SIGNING_SECRET}" }
        session_tokens:
          secret: "${SESSION_SECRET}"
          previous_secrets: [INLINE_SESSION, "${OLD_SESSION_SECRET}"]
        channel_tokens:
          key: "${CHANNEL_KEY}"
          previous_keys: [INLINE_CHANNEL, "${OLD_CHANNEL_KEY}"]
        webhooks:
          authorize: { url: "http://127.0.0.1:9/", secret: "${HOOK_SECRET}" }
          snapshot: { url: "http://127.0.0.1:9/", secret: "${STATE_SECRET}" }
      cluster:
        redis: { url: "${REDIS_URL}" }
        broker: { mode: pubsub }
      """
          .replace("OPS", OPS)
          .replace("INLINE_PREVIOUS", canary("inline-previous"))
          .replace("INLINE_KEY", canary("inline-key"))
          .replace("INLINE_SESSION", canary("inline-old-session"))
          .replace("INLINE_CHANNEL", fernet("inlineoldchannel"));

  /// The same with the keys that have a single value in other ways.
  private static final String SECRET_INLINE =
      FILE.replace("\"${JWT_SECRET}\"", canary("inline-jwt"))
          .replace("\"${HOOK_SECRET}\"", canary("inline-hook"))
          .replace("\"${STATE_SECRET}\"", canary("inline-state"))
          .replace("\"${SIGNING_SECRET}\"", canary("inline-signing"))
          .replace("\"${SESSION_SECRET}\"", canary("inline-session"))
          .replace("\"${CHANNEL_KEY}\"", fernet("inlinechannel"))
          .replace("\"${REDIS_URL}\"", "\"" + redisAt("inline-redis") + "\"");

  private static final String SECRET_IN_FILE =
      FILE.replace("secret: \"${JWT_SECRET}\"", "secret_file: jwt.secret")
          .replace("secret: \"${HOOK_SECRET}\"", "secret_file: hook.secret")
          .replace("secret: \"${STATE_SECRET}\"", "secret_file: hook.secret")
          .replace("secret: \"${SIGNING_SECRET}\"", "secret_file: signing.secret")
          .replace("secret: \"${SESSION_SECRET}\"", "secret_file: session.secret")
          .replace("key: \"${CHANNEL_KEY}\"", "key_file: channel.key")
          .replace("url: \"${REDIS_URL}\"", "url_file: redis.url");

  private static final String PIPELINES =
      """
      pipelines:
        - name: upstream
          graph:
            nodes:
              - id: firehose
                type: Jetstream
                config:
                  hosts: ["ws://127.0.0.1:9/subscribe"]
                  api_key: UNKNOWN_KEY
                  proxy: "http://guest:IN_URL@127.0.0.1:9/"
              - { id: out, type: Publish, config: { topic: events, type: event } }
            connections:
              - { from: firehose, to: out }
      """
          .replace("IN_URL", canary("in-url"))
          .replace("UNKNOWN_KEY", canary("unknown-key"));

  private static final Map<String, String> VARIABLES =
      Map.ofEntries(
          Map.entry("READER_TOKEN", READER),
          Map.entry("JWT_SECRET", canary("jwt")),
          Map.entry("PREVIOUS_SECRET", canary("previous")),
          Map.entry("KEY_SECRET", canary("key")),
          Map.entry("HOOK_SECRET", canary("hook")),
          Map.entry("STATE_SECRET", canary("state")),
          Map.entry("SIGNING_SECRET", canary("signing")),
          Map.entry("SESSION_SECRET", canary("session")),
          Map.entry("OLD_SESSION_SECRET", canary("old-session")),
          Map.entry("CHANNEL_KEY", fernet("channel")),
          Map.entry("OLD_CHANNEL_KEY", fernet("oldchannel")),
          Map.entry("REDIS_URL", redisAt("redis")),
          Map.entry("PORT", canary("port")));

  /// What stands outside of the file, by key.
  private static final Map<String, String> OUTSIDE =
      Map.ofEntries(
          Map.entry(
              "auth.tokens",
              "[{name: ops, token: OPS, role: admin}, {name: reader, token: READER, role:"
                  + " viewer}]"),
          Map.entry("auth.jwt.secret", canary("secret")),
          Map.entry("auth.jwt.previous_secrets", canary("one") + "," + canary("two")),
          Map.entry("auth.jwt.keys", "[{kid: a, algorithm: HS256, secret: " + canary("kid") + "}]"),
          Map.entry("hub.signing.secret", canary("sign")),
          Map.entry("hub.session_tokens.secret", canary("sessions")),
          Map.entry("hub.session_tokens.previous_secrets", canary("former-sessions")),
          Map.entry("hub.channel_tokens.key", fernet("outside")),
          Map.entry("hub.channel_tokens.previous_keys", fernet("formeroutside")),
          Map.entry(
              "hub.webhooks.authorize",
              "{url: \"http://127.0.0.1:9/\", secret: " + canary("ask") + "}"),
          Map.entry(
              "hub.webhooks.snapshot",
              "{url: \"http://127.0.0.1:9/\", secret: " + canary("tell") + "}"),
          Map.entry("cluster.redis.url", redisAt("outside-redis")));

  /// Files that are wrong, with a secret in them.
  private static final List<String> BROKEN =
      List.of(
          "auth: { tokens: [ { name: x, token: [SECRET], role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: { SECRET: SECRET }, role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, role: amdin } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, role: [admin] } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, role: admin }, { name: y, token: SECRET,"
              + " role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: \"SECRET with blanks\", role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: c4n4ry, role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, token_file: night.token, role: admin } ]"
              + " }\n",
          "auth: { tokens: [ { name: x, token_file: two-lines.token, role: admin } ] }\n",
          "auth: { tokens: SECRET }\n",
          "auth: { tokens: [ SECRET ] }\n",
          "auth: { tokens: { x: SECRET } }\n",
          "auth:\n  tokens:\n    - { name: x, token: SECRET",
          "auth:\n  tokens:\n    - name: x\n      token: SECRET: more\n",
          "auth:\n  tokens:\n    - name: x\n      token: \"SECRET\n",
          "auth:\n  jwt:\n    secret: SECRET\n    secret: SECRET\n",
          "auth:\n  jwt:\n    secret: SECRET\n   issuer: x\n",
          "auth:\n  jwt:\n    secret: SECRET\n\tissuer: x\n",
          "auth: { jwt: { secret: c4n4ry } }\n",
          "auth: { jwt: { secret: { SECRET: SECRET } } }\n",
          "auth: { jwt: { secret: *SECRET } }\n",
          "auth: { jwt: { secret: !SECRET SECRET } }\n",
          "auth: { jwt: { previous_secrets: { SECRET: SECRET } } }\n",
          "auth: { jwt: { previous_secrets: [ [ SECRET ], c4n4ry ] } }\n",
          "auth: { jwt: { keys: [ { kid: k, algorithm: RS256, secret: SECRET } ] } }\n",
          "auth: { jwt: { keys: [ { kid: k, algorithm: HS265, secret: SECRET } ] } }\n",
          "auth: { jwt: { keys: SECRET } }\n",
          "hub: { signing: { secret: c4n4ry } }\n",
          "hub: { signing: { types: [t], secret: [SECRET] } }\n",
          "hub: { session_tokens: { secret: SECRET, previous_secrets: [c4n4ry] } }\n",
          "hub: { channel_tokens: { key: SECRET } }\n",
          "hub: { channel_tokens: { previous_keys: [SECRET] } }\n",
          "cluster: { redis: { url: \"SECRET\" } }\n",
          "cluster: { redis: { url: \"redis://:SECRET@127.0.0.1:x/\" } }\n",
          "cluster: { redis: { url: \"redis://:SECRET@/\" } }\n",
          "strict_config: true\nauth: { jwt: { secert: SECRET } }\n",
          "server: { port: \"${PORT}\" }\n",
          "logging: { level: \"${PORT}\" }\n",
          "server: { listeners: [ { bind: \"${PORT}\" } ] }\n",
          PIPELINES.replace("ws://", "ws://guest:SECRET@"),
          PIPELINES.replace("/subscribe", "/sub scribe?api_key=SECRET"),
          PIPELINES.replace("ws://", "gopher://"),
          PIPELINES.replace("hosts: [", "hosts: [[").replace("\"]", "\"]]"),
          PIPELINES.replace("type: Jetstream", "type: Jetsteam"));

  private final Sightings sightings = new Sightings(MARK);

  @TempDir private Path folder;

  private static String canary(String where) {
    return MARK + "-" + where + "-0123456789abcdef0123456789abcdef";
  }

  /// A Fernet key, which is 43 characters of URL-safe base64 and one that fills it up.
  private static String fernet(String where) {
    var text = MARK + where;
    return text + "A".repeat(43 - text.length()) + "=";
  }

  /// Where nobody listens.
  private static String redisAt(String password) {
    return "redis://:" + canary(password) + "@127.0.0.1:9/0";
  }

  @BeforeEach
  void writeSecrets() {
    Graphs.write(folder.resolve("redis.url"), redisAt("redis-file") + "\n");
    Graphs.write(folder.resolve("night.token"), canary("night") + "\n");
    Graphs.write(folder.resolve("third.secret"), canary("third") + "\n");
    Graphs.write(folder.resolve("jwt.secret"), canary("jwt-file") + "\n");
    Graphs.write(folder.resolve("hook.secret"), canary("hook-file") + "\n");
    Graphs.write(folder.resolve("signing.secret"), canary("signing-file") + "\n");
    Graphs.write(folder.resolve("session.secret"), canary("session-file") + "\n");
    Graphs.write(folder.resolve("channel.key"), fernet("channelfile") + "\n");
    Graphs.write(folder.resolve("two-lines.token"), canary("two") + "\n" + canary("lines") + "\n");
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

  /// The values with each secret made different, so that the environment's are not the options'.
  private static Map<String, String> outside(String way) {
    var values = new TreeMap<String, String>();
    OUTSIDE.forEach(
        (key, value) ->
            values.put(
                key,
                value
                    .replace("OPS", OPS)
                    .replace("READER", READER)
                    .replace("abcdef0123456789abcdef", "abcdef0123456789abcdef-" + way)));
    return values;
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
