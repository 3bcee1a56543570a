package dev.millrace.connect.redis;

import dev.millrace.hub.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Reads what a topic's stream holds, for subscribers that come back to another instance than they
/// left. Any thread; stages complete on a thread of the client, which must not be held up.
public final class StreamHistory {

  /// A message and its place.
  public record Placed(long offset, Message message) {}

  /// The topic's epoch, 0 if it has no stream; the offset of its newest message; and what was asked
  /// for, oldest first. `missing`: there is a gap before the first of them, because the stream does
  /// not reach so far back.
  public record Piece(int epoch, long newest, List<Placed> messages, boolean missing) {}

  private final BrokerLoop loop;
  private final BusCodec codec;

  StreamHistory(BrokerLoop loop, BusCodec codec) {
    this.loop = loop;
    this.codec = codec;
  }

  /// At most `limit` messages after `offset`. Fails when Redis is away; the caller bounds the wait.
  public CompletionStage<Piece> after(String topic, long offset, int limit) {
    var link = loop.link();
    if (link == null) {
      return CompletableFuture.failedStage(new IllegalStateException("Redis is not connected"));
    }
    var range = link.range(topic, offset, limit);
    link.flush();
    return range.thenApply(read -> piece(topic, offset, read));
  }

  private Piece piece(String topic, long offset, StreamRange range) {
    List<Placed> messages = new ArrayList<>(range.entries().size());
    for (var entry : range.entries()) {
      var message = codec.decode(topic, entry.payload(), 0);
      if (message != null) {
        messages.add(new Placed(entry.offset(), message));
      }
    }
    long first =
        range.entries().isEmpty() ? range.lastOffset() + 1 : range.entries().getFirst().offset();
    return new Piece(range.epoch(), range.lastOffset(), messages, first > offset + 1);
  }
}
