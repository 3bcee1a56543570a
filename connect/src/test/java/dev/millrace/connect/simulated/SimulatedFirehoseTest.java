package dev.millrace.connect.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.millrace.connect.TestData;
import dev.millrace.connect.jetstream.JetstreamEvent;
import dev.millrace.core.json.Json;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SimulatedFirehoseTest {
  private static final SimulatedConfig FIXED =
      SimulatedConfig.DEFAULT.withStartTimeUs(TestData.START_US).withRate(0);

  @Test
  void keepsTheContractOfASource() throws Exception {
    NodeHarness.source(() -> new SimulatedFirehose(FIXED.withCount(100))).check();
    NodeHarness.source(() -> new SimulatedFirehose(FIXED)).check();
    NodeHarness.source(() -> new SimulatedFirehose(FIXED.withRate(480))).check();
  }

  @Test
  void isTheSameForTheSameSeedAndAnotherForAnother() {
    var one = new SimulatedFirehose(FIXED);
    var same = new SimulatedFirehose(FIXED);
    var other = new SimulatedFirehose(FIXED.withSeed(2));

    assertThat(same.event(500)).isEqualTo(one.event(500)); // whatever came before
    assertThat(one.event(1)).isEqualTo(same.event(1));
    assertThat(other.event(1)).isNotEqualTo(one.event(1));
  }

  @Test
  void everyEventIsReadableAndTimesRiseStrictly() {
    var times = new long[1];
    var keys = new HashSet<Object>();
    for (var bytes : TestData.events(5_000)) {
      assertThat(JetstreamEvent.read(bytes)).isInstanceOf(JetstreamEvent.class);
      var event = (JetstreamEvent) JetstreamEvent.read(bytes);
      assertThat(event.timeUs()).isGreaterThan(times[0]);
      times[0] = event.timeUs();
      assertThat(keys.add(event.deliveryKey())).as("%s", event).isTrue();
      assertThat(event.did()).matches("did:plc:[a-z2-7]{24}");
      if (event.isCommit()) {
        assertThat(event.rev()).matches("[2-7a-j][2-7a-z]{12}");
      }
      assertThat(Json.tree(bytes).path("did").asString()).isEqualTo(event.did());
    }
  }

  @Test
  void theMixIsThatOfTheNetwork() {
    var shares = new HashMap<String, Integer>();
    long bytes = 0;
    int count = 30_000;
    for (var line : TestData.events(count)) {
      var event = (JetstreamEvent) JetstreamEvent.read(line);
      shares.merge(event.isCommit() ? "" + event.collection() : event.kind(), 1, Integer::sum);
      bytes += line.length;
    }

    assertThat(percent(shares, "app.bsky.feed.like", count)).isCloseTo(69, within(1.0));
    assertThat(percent(shares, "app.bsky.feed.post", count)).isCloseTo(12, within(1.0));
    assertThat(percent(shares, "app.bsky.feed.repost", count)).isCloseTo(10, within(1.0));
    assertThat(percent(shares, "app.bsky.graph.follow", count)).isCloseTo(6, within(1.0));
    assertThat(shares).containsKeys("identity", "account", "app.bsky.actor.profile");
    assertThat((double) bytes / count).isCloseTo(550, within(20.0));
  }

  @Test
  void looksLikeTheWire() {
    var text = new StringBuilder();
    TestData.events(3_000)
        .forEach(line -> text.append(new String(line, StandardCharsets.UTF_8)).append('\n'));

    assertThat(text.toString())
        .contains("\\u0026")
        .doesNotContain("&", "<", ">")
        .containsPattern("\"cid\":\"bafyrei[a-h][a-z2-7]{50}[aeimquy4]\"}}")
        .contains("\"$link\":\"bafkrei")
        .contains("\"facets\":[")
        .contains("\"reply\":{\"parent\":")
        .contains("\"text\":\"\"")
        .containsPattern("\"createdAt\":\"2026-05-28T20:2\\d:\\d\\d\\.\\d{3}Z\"");
  }

  @Test
  void facetsPointAtTheirHashtag() {
    int facets = 0;
    for (var line : TestData.events(20_000)) {
      var record = Json.tree(line).path("commit").path("record");
      var text = record.path("text").asString("").getBytes(StandardCharsets.UTF_8);
      for (var facet : record.path("facets")) {
        int from = facet.path("index").path("byteStart").asInt();
        int to = facet.path("index").path("byteEnd").asInt();
        assertThat(new String(text, from, to - from, StandardCharsets.UTF_8))
            .isEqualTo("#" + facet.path("features").path(0).path("tag").asString());
        facets++;
      }
    }
    assertThat(facets).isPositive();
  }

  @Test
  void keepsToItsRate() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(new SimulatedFirehose(FIXED.withRate(480)), context)) {
      run.poll(1_000);
      assertThat(run.outputs()).isEmpty();
      context.clock().advance(Duration.ofMillis(500));
      run.poll(1_000);
      assertThat(run.outputs()).hasSize(240);
      context.clock().advance(Duration.ofMinutes(5)); // nobody asked for five minutes
      run.poll(100_000);
      assertThat(run.outputs()).hasSize(240 + 480);
    }
  }

  @Test
  void withoutAStartTimeEventsAreStampedWithThePresent() throws Exception {
    try (var context = new TestNodeContext().resuming("simulated:1", 1_000_000);
        var run = NodeHarness.open(new SimulatedFirehose(SimulatedConfig.DEFAULT), context)) {
      long now = context.clock().epochMicros();
      run.pollUntil(480, 480);

      assertThat(run.outputs().getFirst().sequence()).isEqualTo(1_000_001);
      assertThat(run.outputs().getFirst().timestampMicros()).isCloseTo(now, within(5_000L));
      assertThat(run.outputs().getLast().timestampMicros())
          .isCloseTo(context.clock().epochMicros(), within(5_000L));
    }
  }

  @Test
  void postsAreVariedAndKnowTheirTopic() {
    var writer = new PostWriter();
    var texts = new HashSet<String>();
    for (int n = 0; n < 5_000; n++) {
      var post = writer.write(1, n);
      assertThat(post.text()).isNotBlank().hasSizeLessThanOrEqualTo(300).doesNotContain("{");
      texts.add(post.text());
    }
    assertThat(texts).hasSizeGreaterThan(2_500);
    for (var topic : Topic.values()) {
      for (var lang : PostWriter.langs()) {
        assertThat(writer.write(3, 4, lang, topic))
            .isEqualTo(new PostWriter().write(3, 4, lang, topic))
            .matches(post -> post.topic() == topic && post.lang().equals(lang));
      }
    }
    assertThat(Topic.SPORT.label()).isEqualTo("sport");
  }

  private static double percent(Map<String, Integer> shares, String name, int count) {
    return 100.0 * shares.getOrDefault(name, 0) / count;
  }
}
