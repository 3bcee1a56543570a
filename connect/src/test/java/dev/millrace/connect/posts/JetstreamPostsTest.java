package dev.millrace.connect.posts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.connect.TestData;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.json.Json;
import dev.millrace.testkit.node.NodeHarness;
import dev.millrace.testkit.node.TestNodeContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JetstreamPostsTest {
  private static final String POST =
      """
      {"did":"did:plc:abc","time_us":77,"kind":"commit","commit":{"rev":"r","operation":"create",\
      "collection":"app.bsky.feed.post","rkey":"k","record":{"langs":["pt"],"text":"a \\u003c \\"b\\" ✨"}}}\
      """;

  @Test
  void keepsTheContractOfANode() throws Exception {
    var frames = new ArrayList<Frame>();
    var events = TestData.events(2_000);
    for (int i = 0; i < events.size(); i++) {
      frames.add(Frame.json(i, i, events.get(i)));
    }
    var posts = NodeHarness.processor(JetstreamPostsTest::node).inputs(frames).check();

    assertThat(posts).hasSizeBetween(150, 320);
    for (var post : posts) {
      var text = Json.tree(((Body.JsonBytes) post.body()).bytes()).path("text").asString();
      assertThat(text).isNotEmpty();
    }
  }

  @Test
  void aPostKeepsItsTextItsLanguageAndItsPlace() throws Exception {
    var frame = Frame.json(77, 12, POST);

    var posts = NodeHarness.run(node(), List.of(frame));

    assertThat(posts)
        .containsExactly(
            Frame.json(
                77,
                12,
                "{\"did\":\"did:plc:abc\",\"uri\":\"at://did:plc:abc/app.bsky.feed.post/k\",\"text\":\"a"
                    + " \\u003c \\\"b\\\" ✨\",\"langs\":[\"pt\"],\"time_us\":77}"));
  }

  @Test
  void languagesAreLeftOutWhereThereAreNone() throws Exception {
    var posts = NodeHarness.run(node(), List.of(Frame.json(1, 1, POST.replace("[\"pt\"]", "[]"))));

    assertThat(posts.getFirst().body().toString()).doesNotContain("langs");
  }

  @Test
  void everythingElseIsFilteredOut() throws Exception {
    var others =
        List.of(
            POST.replace("create", "delete"),
            POST.replace("a \\u003c \\\"b\\\" ✨", ""),
            POST.replace("feed.post", "feed.like"),
            POST.replace("\"text\"", "\"test\""),
            POST.replace("\"rkey\":\"k\"", "\"rkey\":5"),
            POST.replace("\"kind\":\"commit\"", "\"kind\":\"other\""));
    var frames = others.stream().map(json -> Frame.json(1, 1, json)).toList();

    assertThat(NodeHarness.run(node(), frames)).isEmpty();
    assertThat(NodeHarness.run(node(), List.of(Frame.json(1, 1, POST.replace("create", "update")))))
        .hasSize(1);
  }

  @Test
  void whatIsNoEventIsCounted() throws Exception {
    try (var context = new TestNodeContext();
        var run = NodeHarness.open(node(), context)) {
      run.batch(Frame.trigger(1, 1), Frame.json(1, 2, "{"), Frame.json(1, 3, "[]"));

      assertThat(context.rejections())
          .extracting(TestNodeContext.Rejection::reason)
          .containsExactly("not_json", "not_json", "not_an_object");
    }
  }

  private static JetstreamPosts node() {
    return (JetstreamPosts) JetstreamPosts.TYPE.factory().apply(new JetstreamPosts.Config());
  }
}
