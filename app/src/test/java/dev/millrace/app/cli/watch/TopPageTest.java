package dev.millrace.app.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TopPageTest {
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9]+m");

  /// As the server answers it, with counts that tests choose.
  private static String pipeline(double uptime, long made, long queued, long dropped) {
    return """
    {"name":"labels","state":"Running","uptime_seconds":%s,"trouble":null,
     "nodes":[
      {"id":"firehose","type":"Jetstream","role":"source","state":"working",
       "frames_in":0,"frames_out":%d,"errors":0,"busy_pct":12.5,"blocked_pct":80.0,
       "p50_us":61.4,"p99_us":1180.2,"trouble":null},
      {"id":"store","type":"SqliteSink","role":"sink","state":"waiting",
       "frames_in":%d,"frames_out":0,"errors":3,"busy_pct":99.9,"blocked_pct":0.0,
       "p50_us":0,"p99_us":2500000,"trouble":"the disk is full"}],
     "edges":[{"from":"firehose","to":"store","frames":9,"fused":false,"queued":%d,
       "capacity":100,"fill_pct":0.0,"dropped":%d}]}
    """
        .formatted(uptime, made, made / 2, queued, dropped);
  }

  private static Sample sample(double seconds, String... pipelines) {
    return new Sample(
        (long) (seconds * 1e9),
        List.of(pipelines).stream()
            .map(json -> Json.tree(json.getBytes(StandardCharsets.UTF_8)))
            .toList(),
        0);
  }

  private static Figures figures() {
    return Figures.between(
        sample(10, pipeline(60, 1_000, 0, 0)), sample(12, pipeline(62, 5_000, 85, 1_234)));
  }

  @Test
  void ratesAreWhatFlowedBetweenTwoSamples() {
    var row = figures().pipelines().getFirst();
    assertThat(row.in()).isEqualTo(2_000);
    assertThat(row.out()).isEqualTo(1_000);
    assertThat(row.errors()).isEqualTo(3);
    assertThat(row.dropped()).isEqualTo(1_234);
    assertThat(row.nodes().getLast().fill()).isEqualTo(0.85);
  }

  @Test
  void theFirstSampleAndARunThatBeganAnewHaveNoRates() {
    var one = sample(10, pipeline(60, 1_000, 0, 0));
    assertThat(Figures.between(one, one).pipelines().getFirst().in()).isNaN();
    var anew = Figures.between(one, sample(11, pipeline(0.5, 10, 0, 0)));
    assertThat(anew.pipelines().getFirst().in()).isNaN();
    assertThat(Figures.between(sample(10), one).pipelines().getFirst().in()).isNaN();
  }

  @Test
  void aPageHasThePipelinesAndTheNodesOfEach() {
    var page = String.join("\n", TopPage.lines(figures(), 140, false));
    assertThat(page)
        .isEqualTo(
            """
            PIPELINE  STATE    UPTIME   IN/s  OUT/s  ERRORS  DROPPED  TROUBLE
            labels    Running   1m02s  2,000  1,000       3    1,234

            labels
            NODE      TYPE        STATE     IN/s  OUT/s  ERRORS   BUSY  BLOCKED   p50    p99  QUEUE
            firehose  Jetstream   working      -  2,000       0  12.5%    80.0%  61µs  1.2ms
            store     SqliteSink  waiting  1,000      -       3  99.9%       0%     -   2.5s  ██████▊· 85/100 -1,234
            ! store: the disk is full\
            """);
  }

  @Test
  void aNarrowTerminalLosesTheLeastImportantColumnsAndNoLineIsTooLong() {
    for (int width = 1; width < 160; width++) {
      int most = width;
      assertThat(TopPage.lines(figures(), width, false))
          .as("width %s", width)
          .allSatisfy(
              line -> assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(most));
      assertThat(TopPage.lines(figures(), width, true))
          .as("the same text in colours")
          .map(line -> COLOUR.matcher(line).replaceAll("").stripTrailing())
          .isEqualTo(
              TopPage.lines(figures(), width, false).stream().map(String::stripTrailing).toList());
      assertThat(TopPage.heading("left", "right", width, false).length())
          .isLessThanOrEqualTo(width);
    }
    assertThat(TopPage.lines(figures(), 60, false).get(4))
        .contains("NODE", "IN/s", "OUT/s", "ERRORS")
        .doesNotContain("TYPE", "STATE", "p50");
  }

  @Test
  void whatFillsUpAndWhatFailsIsColoured() {
    var page = String.join("\n", TopPage.lines(figures(), 140, true));
    assertThat(page).contains("\u001b[31m██████▊· 85/100", "\u001b[33m80.0%", "\u001b[32mRunning");
  }

  @Test
  void whatAServerSaysCannotCommandTheTerminal() {
    var evil = pipeline(60, 1, 0, 0).replace("the disk is full", "\\u001b[2J\\u0007");
    var now = sample(10, evil);
    assertThat(String.join("\n", TopPage.lines(Figures.between(now, now), 140, false)))
        .contains("! store: ?[2J?")
        .doesNotContain("\u001b", "\u0007");
  }

  @Test
  void aNodeWithoutAQueueIsFusedAndOfSeveralQueuesTheFullestIsShown() {
    var before = pipeline(60, 1, 0, 0);
    var fused = before.replace("\"queued\":0,\n   \"capacity\":100", "\"x\":0,\"y\":0");
    assertThat(fused).isNotEqualTo(before);
    var now = sample(10, fused);
    assertThat(TopPage.lines(Figures.between(now, now), 140, false).get(6)).endsWith("fused");

    var two =
        before.replace(
            "\"edges\":[",
            "\"edges\":[{\"from\":\"x\",\"to\":\"store\",\"fused\":true},"
                + "{\"from\":\"y\",\"to\":\"store\",\"queued\":3,\"capacity\":4,\"dropped\":7},");
    now = sample(10, two);
    assertThat(Figures.between(now, now).pipelines().getFirst().nodes().getLast())
        .satisfies(node -> assertThat(node.queued()).isEqualTo(3))
        .satisfies(node -> assertThat(node.capacity()).isEqualTo(4))
        .satisfies(node -> assertThat(node.dropped()).isEqualTo(7));
  }

  @Test
  void withoutPipelinesItSaysSo() {
    var nothing = Figures.between(sample(1), sample(2));
    assertThat(TopPage.lines(nothing, 80, false)).containsExactly("No pipelines.");
  }

  @Test
  void asJsonWhatIsNotKnownIsNull() {
    var one = sample(10, pipeline(60, 1_000, 0, 0));
    var json = FiguresJson.of(Figures.between(one, one));
    assertThat(json.at("/pipelines/0/in_per_second").isNull()).isTrue();
    json = FiguresJson.of(figures());
    assertThat(json.at("/pipelines/0/in_per_second").asDouble()).isEqualTo(2_000);
    assertThat(json.at("/pipelines/0/nodes/1/queued").asLong()).isEqualTo(85);
    assertThat(json.at("/pipelines/0/nodes/1/trouble").asString()).isEqualTo("the disk is full");
    assertThat(json.at("/pipelines/0/nodes/0/capacity").isMissingNode()).isTrue();
  }

  @Test
  void uptimesAreShort() {
    assertThat(
            List.of(0.9, 59.0, 61.0, 3_599.0, 3_600.0, 90_000.0).stream()
                .map(TopPage::uptime)
                .toList())
        .containsExactly("0s", "59s", "1m01s", "59m59s", "1h00m", "1d01h");
  }

  @Test
  void topicsAndWhoeverIsBehindAreShownWhereTheServerTellsOfThem() {
    var before = feed(10, 100, 1_000, "[]");
    var now =
        feed(
            12,
            300,
            9_000,
            """
            [{"id":"ws_1_2","user":"ann","state":"backpressured","depth":900,"messages_out":12000,
              "age_s":61},
             {"id":"ws_3_4","user":null,"state":"connected","depth":3,"messages_out":1,"age_s":1},
             {"id":"ws_5_6","user":"bob","state":"connected","depth":0}]
            """);
    var figures = Figures.between(before, now);
    var page = String.join("\n", TopPage.lines(figures, 140, false));
    assertThat(page)
        .contains("TOPICS", "CONNECTIONS", "4,000", "BEHIND", "ws_1_2", "ann", "backpressured")
        .contains("ws_3_4", "1m01s")
        .doesNotContain("ws_5_6");
    assertThat(COLOUR.matcher(page).find()).isFalse();
    var json = FiguresJson.of(figures).path("feed");
    assertThat(json.path("in_per_second").asDouble()).isEqualTo(100);
    assertThat(json.path("behind").size()).isEqualTo(2);
    assertThat(json.at("/behind/1/user").isNull()).isTrue();
    assertThat(FiguresJson.of(figures()).has("feed")).isFalse();
    assertThat(TopPage.lines(figures, 40, false))
        .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(40));
  }

  private static Sample feed(double seconds, long published, long deliveries, String sessions) {
    var stats =
        "{\"topics\":2,\"sessions\":3,\"left_out\":7,\"published\":%d,\"deliveries\":%d}"
            .formatted(published, deliveries);
    var listed = Json.tree(sessions.getBytes(StandardCharsets.UTF_8)).valueStream().toList();
    return new Sample(
        (long) (seconds * 1e9),
        List.of(),
        0,
        Json.tree(stats.getBytes(StandardCharsets.UTF_8)),
        listed);
  }
}
