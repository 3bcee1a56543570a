package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What README and the first quarter of an hour tell a newcomer to type does what they say.
class ReadmeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String LAUNCHER = "./millrace";
  private static final DocsPage README = DocsPage.of("README.md");
  private static final DocsPage START = DocsPage.of("docs/start.md");

  @TempDir private Path folder;

  @Test
  void everyCommandThatIsShownExists() {
    var shown = new ArrayList<>(README.commands(LAUNCHER));
    shown.addAll(START.commands(LAUNCHER));
    assertThat(shown).hasSizeGreaterThan(5);
    try (var process = millrace(List.of("help"))) {
      assertThat(process.awaitExit(PATIENCE)).isZero();
      assertThat(shown)
          .allSatisfy(
              command -> assertThat(process.out()).contains("\n  " + command.getFirst() + " "));
    }
  }

  @Test
  void theDemoStoresWhereTheNextCommandLooks() {
    var demo = START.command(LAUNCHER, "demo");
    try (var process = millrace(demo, "--for", "2s", "--port", "0")) {
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
      assertThat(process.out()).contains("Millrace is running: http://127.0.0.1:");
    }
    var look = START.commands("sqlite3").getFirst();
    assertThat(new Database(folder.resolve(look.getFirst())).rows(look.getLast()))
        .hasSize(5)
        .allSatisfy(row -> assertThat(row).startsWith("did:plc:"));
  }

  @Test
  void aReplayCountsAsJsonAndTwiceStoresNothingTwice() {
    var lines = Recordings.simulated(3, 500, Graphs.START_TIME_US);
    Recordings.write(folder.resolve("events.jsonl"), lines);
    var replay = START.command(LAUNCHER, "--json");
    var database = new Database(folder.resolve("data").resolve("records.db"));
    for (int time = 1; time <= 2; time++) {
      try (var process = millrace(replay, "--set", "server.port=0")) {
        assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
        var summary = Json.tree(process.out().getBytes(StandardCharsets.UTF_8));
        assertThat(summary.path("pipelines").path("labels").path("nodes").size()).isEqualTo(5);
        assertThat(summary.has("topics")).isTrue();
      }
      assertThat(database.messages()).as("after replay %s", time).isEqualTo(lines);
    }
  }

  @Test
  void theGraphOfOnesOwnIsSoundRunsAndCanBeAsked() {
    Graphs.write(folder.resolve("posts.yaml"), START.yaml());
    try (var check = millrace(START.command(LAUNCHER, "check"))) {
      assertThat(check.awaitExit(PATIENCE)).as(check.out()).isZero();
      assertThat(check.out()).contains("No errors");
    }
    try (var process = millrace(List.of("run", "posts.yaml"), "--set", "server.port=0")) {
      var address = process.awaitReady();
      assertFollowedAndPublished(address, README);
      assertFollowedAndPublished(address, START);
      var paths = START.all("\\| `(/[a-z0-9./_]+)` \\|");
      assertThat(paths).hasSizeGreaterThanOrEqualTo(7);
      assertThat(paths)
          .allSatisfy(path -> assertThat(Http.get(address, path).status()).isEqualTo(200));
      try (var client = WebSocketClient.connect(address, "/wse?topics=posts&compression=false")) {
        client.await("a post", received -> !client.received("post").isEmpty());
      }
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
  }

  @Test
  void aSlipInTheGraphIsReportedAsPromised() {
    Graphs.write(folder.resolve("posts.yaml"), START.yaml().replaceFirst("type:", "typ:"));
    try (var check = millrace(START.command(LAUNCHER, "check"))) {
      assertThat(check.awaitExit(PATIENCE)).isEqualTo(1);
      assertThat(check.out()).containsPattern("posts\\.yaml:\\d+:\\d+: error: ").contains("fix ");
    }
  }

  @Test
  void theRecipeInReadmeIsTheWholeRecipe() {
    Graphs.write(folder.resolve("millrace.yaml"), README.yaml());
    try (var check = millrace(List.of("check", "millrace.yaml", "--strict"))) {
      assertThat(check.awaitExit(PATIENCE)).as(check.out()).isZero();
    }
    assertThat(words(README.yaml()))
        .isEqualTo(words(DocsPage.of("recipes/labels/millrace.yaml").withoutComments()));
  }

  /// Follows a topic by the address that `websocat` is given, and publishes what `curl` sends.
  private static void assertFollowedAndPublished(URI address, DocsPage page) {
    var publish = page.commands("curl").getFirst();
    var to = URI.create(publish.getLast());
    var topic = to.getPath().substring(to.getPath().lastIndexOf('/') + 1);
    var follow = URI.create(page.commands("websocat").getFirst().getFirst());
    var query = follow.getRawQuery().replaceFirst("topics=[^&]*", "topics=" + topic);
    try (var client = WebSocketClient.connect(address, follow.getPath() + "?" + query)) {
      client.await("the subscription", received -> received.size() >= 2);
      var body = publish.get(publish.indexOf("-d") + 1);
      assertThat(Http.post(address, to.getPath(), body).status()).isEqualTo(202);
      var event = Json.tree(body.getBytes(StandardCharsets.UTF_8));
      var type = event.path("type").asString();
      client.await("the event", received -> !client.received(type).isEmpty());
      assertThat(client.received(type).getFirst().payload()).isEqualTo(event.path("payload"));
    }
  }

  private MillraceProcess millrace(List<String> command, String... more) {
    var args = new ArrayList<>(command);
    args.addAll(List.of(more));
    return MillraceProcess.start(folder, args.toArray(String[]::new));
  }

  /// The words of a document without its layout: block and flow style look the same.
  private static List<String> words(String yaml) {
    return List.of(yaml.replaceAll("[\\s{},\"-]+", " ").strip().split(" "));
  }
}
