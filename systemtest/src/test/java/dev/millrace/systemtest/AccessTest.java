package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may do what, on a process with a token for each role.
class AccessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int REVOKED = 4401;
  private static final int FORBIDDEN = 4403;
  private static final String LEAVER = "token-of-one-who-leaves-0123456789";

  private static final String CONFIG =
      """
      telemetry_frequency_seconds: 0.5
      server:
        port: 0
        listeners: [ { bind: "127.0.0.1:CLIENTS", serve: [wse] } ]
      auth:
        anonymous: [wse]
        failures_per_address: { refill_rate: 0 }
        jwt: { secret_file: jwt.secret }
        tokens:
          - { name: viewer, token: VIEWER, role: viewer }
          - { name: publisher, token: PUBLISHER, role: publisher }
          - { name: operator, token: OPERATOR, role: operator }
          - { name: admin, token: ADMIN, role: admin }
          - { name: leaver, token: LEAVER, role: viewer }
      pipelines:
        - name: side
          graph:
            nodes:
              - { id: firehose, type: SimulatedFirehose, config: { rate: 10 } }
              - { id: out, type: Publish, config: { topic: side, type: event } }
            connections:
              - { from: firehose, to: out }
      """;

  /// Method, path and body, then the status for each [Caller] in their order. A socket whose
  /// clients are browsers, which see no status, is opened and then closed with 4401 or 4403.
  private static final String RULES =
      """
      GET  /                                    | 200 200 200 200 200 200
      GET  /openapi.json                        | 200 200 200 200 200 200
      GET  /healthz                             | 200 200 200 200 200 200
      GET  /livez                               | 200 200 200 200 200 200
      GET  /ready                               | 200 200 200 200 200 200
      GET  /readyz                              | 200 200 200 200 200 200
      GET  /metrics                             | 200 200 200 200 200 200
      GET  /wse/health                          | 200 200 200 200 200 200
      GET  /wse/debug                           | 404 404 404 404 404 404
      GET  /wse/compression-test                | 404 404 404 404 404 404
      GET  /nowhere                             | 404 404 404 404 404 404
      GET  /health                              | 401 401 200 200 200 200
      GET  /stats                               | 401 401 200 200 200 200
      GET  /api/v1/topics                       | 401 401 200 200 200 200
      GET  /api/v1/topics/side                  | 401 401 200 200 200 200
      GET  /api/v1/topics/side/history          | 401 401 404 404 404 404
      GET  /api/v1/topics/side/presence         | 401 401 404 404 404 404
      GET  /api/v1/sessions                     | 401 401 200 200 200 200
      GET  /api/v1/sessions/none                | 401 401 404 404 404 404
      DELETE /api/v1/sessions/none              | 401 401 403 403 404 404
      GET  /api/v1/pipelines                    | 401 401 200 200 200 200
      GET  /api/v1/pipelines/side               | 401 401 200 200 200 200
      GET  /api/v1/pipelines/side/report        | 401 401 200 200 200 200
      GET  /api/v1/pipelines/side/provenance    | 401 401 200 200 200 200
      GET  /api/v1/pipelines/side/metrics       | 401 401 200 200 200 200
      GET  /api/v1/pipelines/side/events        | 401 401 200 200 200 200
      GET  /api/v1/pipelines/none/tap           | 401 401 404 404 404 404
      GET  /api/v1/pipelines/side/collect/none  | 401 401 404 404 404 404
      GET  /api/v1/nodes                        | 401 401 200 200 200 200
      POST /api/v1/pipelines {}                 | 401 401 403 403 403 422
      PUT  /api/v1/pipelines/none {}            | 401 401 403 403 403 422
      DELETE /api/v1/pipelines/none             | 401 401 403 403 403 404
      POST /api/v1/pipelines/none/start {}      | 401 401 403 403 404 404
      POST /api/v1/pipelines/none/stop {}       | 401 401 403 403 404 404
      POST /api/v1/pipelines/none/pause {}      | 401 401 403 403 404 404
      POST /api/v1/pipelines/none/resume {}     | 401 401 403 403 404 404
      POST /api/v1/pipelines/none/trigger       | 401 401 403 403 404 404
      POST /api/v1/pipelines/none/replay        | 401 401 403 403 422 422
      GET  /api/v1/telemetry                    | 401 401 200 200 200 200
      GET  /api/v1/console/capabilities         | 401 401 200 200 200 200
      GET  /api/v1/config                       | 401 401 200 200 200 200
      GET  /api/v1/config/schema                | 401 401 200 200 200 200
      GET  /api/v1/audit                        | 401 401 403 403 200 200
      GET  /api/v1/admin/backup/none            | 401 401 403 403 403 404
      GET  /api/v1/cluster/dead-letters         | 401 401 403 403 200 200
      POST /api/v1/cluster/dead-letters/replay {"topic":"t"} | 401 401 403 403 404 404
      POST /api/v1/tokens/channel {}            | 401 401 403 403 404 404
      POST /api/v1/topics/t {"type":"x","payload":1} | 401 401 403 202 202 202
      POST /api/v1/admin/log_level {"level":"info"}  | 401 401 403 403 200 200
      POST /api/v1/admin/kick {"client":"none"}      | 401 401 403 403 404 404
      POST /api/v1/admin/pause {"pipeline":"side"}   | 401 401 403 403 200 200
      POST /api/v1/admin/start {"pipeline":"side"}   | 401 401 403 403 200 200
      POST /api/v1/admin/reboot {"pipeline":"side"}  | 401 401 403 403 200 200
      POST /api/v1/admin/pipeline_create {}     | 401 401 403 403 403 422
      POST /api/v1/admin/pipeline_change {}     | 401 401 403 403 403 422
      POST /api/v1/admin/pipeline_delete {}     | 401 401 403 403 403 422
      POST /api/v1/admin/pipeline_start {}      | 401 401 403 403 422 422
      POST /api/v1/admin/pipeline_stop {}       | 401 401 403 403 422 422
      POST /api/v1/admin/pipeline_pause {}      | 401 401 403 403 422 422
      POST /api/v1/admin/pipeline_resume {}     | 401 401 403 403 422 422
      POST /api/v1/admin/pipeline_trigger {}    | 401 401 403 403 422 422
      POST /api/v1/admin/pipeline_replay {}     | 401 401 403 403 422 422
      POST /api/v1/admin/reload {"dry_run":true}     | 401 401 403 403 403 200
      POST /api/v1/admin/backup {}                   | 401 401 403 403 403 200
      GET  /sse                                 | 401 401 400 400 400 400
      WS   /ws/inbound                          | 401 401 403 101 101 101
      WS   /wse                                 | 101 4401 101 101 101 101
      WS   /ws/publish/t                        | 401 401 403 101 101 101
      WS   /ws/noc                              | 4401 4401 101 101 101 101
      """;

  private enum Caller {
    NOBODY,
    STRANGER,
    VIEWER,
    PUBLISHER,
    OPERATOR,
    ADMIN;

    String token() {
      return "token-of-the-" + name().toLowerCase(Locale.ROOT) + "-0123456789";
    }
  }

  /// One line of the table. `statuses` has one for each [Caller].
  private record Rule(String method, String path, String body, Map<Caller, Integer> statuses) {
    private static final Pattern LINE =
        Pattern.compile("(GET|POST|PUT|DELETE|WS) +(\\S+) +(\\S*) *\\|((?: \\d{3,4}){6})");

    static List<Rule> all() {
      return RULES.lines().map(Rule::of).toList();
    }

    private static Rule of(String line) {
      var parts = LINE.matcher(line);
      assertThat(parts.matches()).as(line).isTrue();
      var statuses = new EnumMap<Caller, Integer>(Caller.class);
      var numbers = new Scanner(parts.group(4));
      for (var caller : Caller.values()) {
        statuses.put(caller, numbers.nextInt());
      }
      return new Rule(parts.group(1), parts.group(2), parts.group(3), statuses);
    }
  }

  @TempDir private static Path folder;
  private static Path file;
  private static MillraceProcess process;
  private static URI address;
  private static int clientsPort;

  @TempDir private Path own;

  @BeforeAll
  static void start() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      clientsPort = free.getLocalPort();
    }
    Graphs.write(folder.resolve("jwt.secret"), "0123456789abcdef0123456789abcdef\n");
    file = Graphs.write(folder.resolve("millrace.yaml"), config());
    process = MillraceProcess.start(folder, "run", file.toString());
    address = process.awaitReady();
    Await.until(
        PATIENCE,
        () -> Http.getAs(Caller.ADMIN.token(), address, "/api/v1/telemetry").status() == 200,
        () -> "there is no telemetry");
  }

  @AfterAll
  static void stop() {
    process.close();
  }

  private static String config() {
    var text = CONFIG.replace("LEAVER", LEAVER).replace("CLIENTS", String.valueOf(clientsPort));
    for (var caller : Caller.values()) {
      text = text.replace("token: " + caller + ",", "token: " + caller.token() + ",");
    }
    return text;
  }

  @Test
  void everyRoleMayDoWhatTheTableSays() {
    var wrong = new ArrayList<String>();
    for (var rule : Rule.all()) {
      rule.statuses()
          .forEach(
              (caller, wanted) -> {
                int status = status(caller, rule);
                if (status != wanted) {
                  wrong.add(caller + " gets " + status + ", not " + wanted + ": " + rule.path());
                }
              });
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void theTableNamesEveryRoute() {
    var known =
        Rule.all().stream()
            .map(one -> one.path().replaceAll("/(t|side|none)(?=/|$)", "/*"))
            .toList();
    var paths = new ArrayList<String>();
    for (var path : Http.get(address, "/openapi.json").json().path("paths").propertyNames()) {
      paths.add(path.replaceAll("\\{\\w+}", "*"));
    }
    paths.removeIf(known::contains);
    // Second names of what the table has, and a file of the start page.
    assertThat(paths)
        .isSubsetOf(
            "/assets/*", "/api/v1/health", "/api/v1/stats", "/api/v1/metrics", "/wse/", "/wse/wse");
  }

  @Test
  void aTokenThatIsTakenOutClosesWhatItOpened() {
    try (var client = WebSocketClient.connectAs(LEAVER, address, "/wse?topics=side");
        var console = WebSocketClient.connectAs(LEAVER, address, "/ws/noc");
        var stranger = WebSocketClient.connect(address, "/wse?topics=side");
        var other = WebSocketClient.connectAs(Caller.VIEWER.token(), address, "/ws/noc")) {
      for (var socket : List.of(client, console, stranger, other)) {
        socket.await("a greeting", received -> !received.isEmpty());
      }
      var remaining = config().lines().filter(line -> !line.contains("name: leaver")).toList();
      Graphs.write(file, String.join("\n", remaining) + "\n");
      assertThat(client.awaitClosed()).isEqualTo(REVOKED);
      assertThat(console.awaitClosed()).isEqualTo(REVOKED);
      assertThat(Http.getAs(LEAVER, address, "/stats").status()).isEqualTo(401);
      // Still there, and served.
      int before = other.received().size();
      other.send("{\"op\":\"ping\",\"id\":1}");
      other.await("a pong", received -> received.size() > before);
      int events = stranger.received("event").size();
      stranger.await("an event", received -> stranger.received("event").size() > events);
    }
  }

  @Test
  void commandsOfAConsoleNeedTheRoleToo() {
    assertThat(ordered(Caller.VIEWER, "log_level")).isEqualTo("FORBIDDEN");
    assertThat(ordered(Caller.VIEWER, "log_subscribe")).isEqualTo("FORBIDDEN");
    assertThat(ordered(Caller.PUBLISHER, "pause")).isEqualTo("FORBIDDEN");
    assertThat(ordered(Caller.OPERATOR, "log_level")).isEqualTo("ok");
    assertThat(ordered(Caller.OPERATOR, "log_subscribe")).isEqualTo("ok");
    assertThat(ordered(Caller.OPERATOR, "reload")).isEqualTo("FORBIDDEN");
    assertThat(ordered(Caller.ADMIN, "reload")).isEqualTo("ok");
  }

  @Test
  void aTokenMayStandInTheCookieAndNotInTheAddress() {
    var admin = Caller.ADMIN.token();
    assertThat(Http.getWith(address, "/stats", "Cookie", "access_token=" + admin).status())
        .isEqualTo(200);
    assertThat(Http.get(address, "/stats?token=" + admin).status()).isEqualTo(401);
    assertThat(Http.get(address, "/stats?access_token=" + admin).status()).isEqualTo(401);
  }

  @Test
  void aMintedTokenHasItsRoleAndWithoutOneItIsAClients() {
    var viewer = minted("--role", "viewer");
    assertThat(Http.getAs(viewer, address, "/api/v1/pipelines").status()).isEqualTo(200);
    assertThat(Http.postAs(viewer, address, "/api/v1/admin/reload", "").status()).isEqualTo(403);
    assertThat(Handshake.outcome(address, "/ws/noc", viewer)).isEqualTo(101);
    var client = minted();
    assertThat(Http.getAs(client, address, "/api/v1/pipelines").status()).isEqualTo(403);
    assertThat(Handshake.outcome(address, "/ws/noc", client)).isEqualTo(FORBIDDEN);
    assertThat(Handshake.outcome(address, "/wse", client)).isEqualTo(101);
    var forged = viewer.substring(0, viewer.length() - 4) + "AAAA";
    assertThat(Http.getAs(forged, address, "/api/v1/pipelines").status()).isEqualTo(401);
  }

  @Test
  void aListenerForClientsServesThemAndNothingElse() {
    var clients = URI.create("http://127.0.0.1:" + clientsPort);
    assertThat(Handshake.outcome(clients, "/wse", "")).isEqualTo(101);
    var admin = Caller.ADMIN.token();
    for (var path : List.of("/", "/stats", "/metrics", "/api/v1/pipelines", "/openapi.json")) {
      assertThat(Http.getAs(admin, clients, path).status()).as(path).isEqualTo(404);
    }
    assertThat(Http.postAs(admin, clients, "/api/v1/admin/reload", "").status()).isEqualTo(404);
    assertThat(Http.postAs(admin, clients, "/api/v1/topics/t", "1").status()).isEqualTo(404);
    for (var path : List.of("/ws/noc", "/ws/publish/t")) {
      assertThat(Handshake.outcome(clients, path, admin)).as(path).isEqualTo(404);
    }
  }

  @Test
  void aPublicAddressWithoutAuthIsRefusedAtTheStart() {
    var setting = "server.listeners=[{bind: \"0.0.0.0:0\", serve: [wse]}]";
    for (var open : List.of("server.host=0.0.0.0", "server.host=::", setting)) {
      try (var refused =
          MillraceProcess.start(own, "run", "--set", open, "--set", "server.port=0")) {
        assertThat(refused.awaitExit(PATIENCE)).as(open).isEqualTo(78);
        assertThat(refused.err())
            .contains("would let everybody on the network in, unasked", "openssl rand -hex 32")
            .doesNotContain("\tat ");
      }
    }
  }

  @Test
  void operatorsSurfacesAreNeverAnonymousOnAPublicAddress() {
    var config =
        Graphs.write(
            own.resolve("millrace.yaml"),
            """
            server: { host: 0.0.0.0, port: 0 }
            auth:
              anonymous: [noc]
              tokens: [ { name: ops, token: token-of-ops-0123456789, role: admin } ]
            """);
    try (var refused = MillraceProcess.start(own, "run", config.toString())) {
      assertThat(refused.awaitExit(PATIENCE)).isEqualTo(78);
      assertThat(refused.err())
          .contains("would let everybody on the network operate this server", "fix ");
    }
  }

  private static int status(Caller caller, Rule rule) {
    boolean nobody = caller == Caller.NOBODY;
    var token = caller.token();
    return switch (rule.method()) {
      case "WS" -> Handshake.outcome(address, rule.path(), nobody ? "" : token);
      default ->
          Http.ask(nobody ? null : token, rule.method(), address, rule.path(), rule.body())
              .status();
    };
  }

  /// The code that a command of a console fails with, or `ok`.
  private static String ordered(Caller caller, String command) {
    try (var console = WebSocketClient.connectAs(caller.token(), address, "/ws/noc")) {
      console.send(
          "{\"op\":\"command\",\"id\":7,\"command\":\"COMMAND\",\"args\":{\"level\":\"info\"}}"
              .replace("COMMAND", command));
      console.await("a result", received -> result(received).isPresent());
      var result = result(console.received()).orElseThrow().json();
      return result.path("ok").asBoolean() ? "ok" : result.path("error").path("code").asString();
    }
  }

  private static Optional<WebSocketClient.Message> result(List<WebSocketClient.Message> received) {
    return received.stream()
        .filter(message -> message.json().path("type").asString("").equals("CommandResult"))
        .findFirst();
  }

  /// What `millrace token mint` prints for somebody.
  private static String minted(String... role) {
    var args =
        new ArrayList<>(
            List.of("token", "mint", "--config", file.toString(), "--sub", "alice", "--ttl", "8h"));
    args.addAll(Arrays.asList(role));
    try (var mint = MillraceProcess.start(folder, args.toArray(String[]::new))) {
      assertThat(mint.awaitExit(PATIENCE)).as(mint.err()).isZero();
      return mint.out().strip();
    }
  }
}
