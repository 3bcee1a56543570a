package dev.millrace.connect.simulated;

import java.nio.charset.StandardCharsets;

/// Writes the records of posts: text, and around it embeds, facets and replies. Confined to one
/// thread.
final class PostRecordWriter {
  private final RecordWriter records;
  private final WireBuffer out;
  private final Identifiers ids;
  private final CounterRandom random;
  private final PostWriter texts = new PostWriter();

  PostRecordWriter(RecordWriter records, WireBuffer out, Identifiers ids, CounterRandom random) {
    this.records = records;
    this.out = out;
    this.ids = ids;
    this.random = random;
  }

  void write(long timeUs) {
    var post = texts.write(random);
    boolean image = random.percent(14);
    boolean link = !image && random.percent(16);
    // Some people post a picture and say nothing.
    var text = image && random.percent(15) ? "" : post.text();
    records.begin("app.bsky.feed.post");
    records.createdAt(timeUs);
    if (image) {
      image();
    } else if (link) {
      link(post.topic());
    }
    facets(text);
    out.raw(",\"langs\":[\"").raw(post.lang()).raw("\"]");
    if (random.percent(38)) {
      reply(timeUs);
    }
    out.raw(",\"text\":\"").text(text).raw("\"}");
  }

  private void image() {
    out.raw(",\"embed\":{\"$type\":\"app.bsky.embed.images\",\"images\":[{\"alt\":\"\"");
    out.raw(",\"aspectRatio\":{\"height\":1500,\"width\":2000},\"image\":");
    records.blob();
    out.raw("}]}");
  }

  private void link(Topic topic) {
    out.raw(",\"embed\":{\"$type\":\"app.bsky.embed.external\",\"external\":{\"description\":\"");
    out.text("Read & share: more about " + topic.label()).raw("\",\"thumb\":");
    records.blob();
    out.raw(",\"title\":\"").text("The week in " + topic.label()).raw("\",\"uri\":\"");
    out.text("https://news.example.com/" + topic.label() + "?id=" + random.below(1_000_000));
    out.text("&ref=sky").raw("\"}}");
  }

  /// Marks a hashtag by its place in the UTF-8 of the text.
  private void facets(String text) {
    int hash = text.lastIndexOf('#');
    if (hash < 0) {
      return;
    }
    var tag = text.substring(hash + 1);
    int start = text.substring(0, hash).getBytes(StandardCharsets.UTF_8).length;
    out.raw(",\"facets\":[{\"features\":[{\"$type\":\"app.bsky.richtext.facet#tag\",\"tag\":\"");
    out.text(tag).raw("\"}],\"index\":{\"byteEnd\":").decimal(start + 1L + tag.length());
    out.raw(",\"byteStart\":").decimal(start).raw("}}]");
  }

  private void reply(long timeUs) {
    int account = ids.celebrity(random);
    long micros = records.earlier(timeUs);
    out.raw(",\"reply\":{\"parent\":");
    records.reference(account, "app.bsky.feed.post", micros);
    out.raw(",\"root\":");
    records.reference(account, "app.bsky.feed.post", micros);
    out.raw("}");
  }
}
