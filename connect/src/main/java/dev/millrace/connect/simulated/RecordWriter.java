package dev.millrace.connect.simulated;

import java.util.function.LongConsumer;

/// Writes the records inside commits, keys sorted as the network has them. Confined to one thread.
final class RecordWriter {
  private static final long HOUR_US = 3_600_000_000L;

  private final WireBuffer out;
  private final Identifiers ids;
  private final CounterRandom random;
  private final LongConsumer timestamp;
  private final PostRecordWriter posts;

  RecordWriter(WireBuffer out, Identifiers ids, CounterRandom random, LongConsumer timestamp) {
    this.out = out;
    this.ids = ids;
    this.random = random;
    this.timestamp = timestamp;
    this.posts = new PostRecordWriter(this, out, ids, random);
  }

  void post(long timeUs) {
    posts.write(timeUs);
  }

  /// A like or a repost: of a post, perhaps by way of somebody's repost.
  void reaction(String type, long timeUs) {
    begin("app.bsky.feed." + type);
    createdAt(timeUs);
    out.raw(",\"subject\":");
    reference(ids.celebrity(random), "app.bsky.feed.post", earlier(timeUs));
    if (random.percent(28)) {
      out.raw(",\"via\":");
      reference(ids.author(random), "app.bsky.feed.repost", earlier(timeUs));
    }
    out.raw("}");
  }

  /// A follow or a block.
  void relation(String type, long timeUs) {
    begin("app.bsky.graph." + type);
    createdAt(timeUs);
    out.raw(",\"subject\":\"");
    ids.did(ids.celebrity(random));
    out.raw("\"}");
  }

  void profile(int author, long timeUs) {
    begin("app.bsky.actor.profile");
    out.raw("\"avatar\":");
    blob();
    out.raw(",\"banner\":");
    blob();
    out.raw(",");
    createdAt(timeUs - (long) (random.fraction() * 10_000 * HOUR_US));
    out.raw(",\"description\":\"").text("Tea & long walks <3").raw("\",\"displayName\":\"");
    out.text(Names.display(author)).raw("\"}");
  }

  /// What somebody listens to: a record of another application.
  void playing(long timeUs) {
    begin("fm.teal.alpha.actor.status");
    out.raw("\"expiry\":\"");
    timestamp.accept(timeUs + HOUR_US / 6);
    out.raw("\",\"item\":{\"artists\":[{\"artistName\":\"");
    out.text(Names.display(random.below(400))).raw("\"}],\"duration\":null,\"trackName\":\"");
    out.text(Names.display(random.below(400))).raw("\"},\"time\":\"");
    timestamp.accept(timeUs);
    out.raw("\"}");
  }

  void listItem(int author, long timeUs) {
    begin("app.bsky.graph.listitem");
    createdAt(timeUs);
    out.raw(",\"list\":\"");
    address(author, "app.bsky.graph.list", earlier(timeUs));
    out.raw("\",\"subject\":\"");
    ids.did(ids.author(random));
    out.raw("\"}");
  }

  void threadGate(int author, long timeUs) {
    begin("app.bsky.feed.threadgate");
    out.raw("\"allow\":[],");
    createdAt(timeUs);
    out.raw(",\"hiddenReplies\":[],\"post\":\"");
    address(author, "app.bsky.feed.post", earlier(timeUs));
    out.raw("\"}");
  }

  void begin(String type) {
    out.raw("{\"$type\":\"").raw(type).raw("\",");
  }

  void createdAt(long timeUs) {
    out.raw("\"createdAt\":\"");
    timestamp.accept(timeUs - 100_000 - random.below(2_000_000));
    out.raw("\"");
  }

  /// `{"cid":…,"uri":…}`.
  void reference(int account, String collection, long micros) {
    out.raw("{\"cid\":\"");
    ids.cid(random);
    out.raw("\",\"uri\":\"");
    address(account, collection, micros);
    out.raw("\"}");
  }

  void blob() {
    out.raw("{\"$type\":\"blob\",\"ref\":{\"$link\":\"");
    ids.blobCid(random);
    out.raw("\"},\"mimeType\":\"image/jpeg\",\"size\":");
    out.decimal(20_000 + random.below(900_000)).raw("}");
  }

  /// A moment before `timeUs`: mostly minutes, sometimes months.
  long earlier(long timeUs) {
    double u = random.fraction();
    return timeUs - 1_000_000 - (long) (Math.pow(u, 8) * 2_000 * HOUR_US);
  }

  private void address(int account, String collection, long micros) {
    out.raw("at://");
    ids.did(account);
    out.raw("/").raw(collection).raw("/");
    ids.tid(micros, random.below(1_024));
  }
}
