package dev.millrace.bench.micro;

import dev.millrace.connect.jetstream.EventReading;
import dev.millrace.connect.jetstream.JetstreamEvent;
import dev.millrace.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.JsonNode;

/// What does it cost to read the fields of one firehose event, beside building its whole tree?
/// Invented posts of about 550 bytes; 256 take turns, so that no content stays predicted.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class JetstreamBenchmark {

  /// The events, as bytes.
  @State(Scope.Thread)
  public static class Events {
    private static final int COUNT = 256;
    private final byte[][] events = new byte[COUNT][];
    private int next;

    /// Makes the posts.
    public Events() {
      for (int i = 0; i < COUNT; i++) {
        events[i] = post(i).getBytes(StandardCharsets.UTF_8);
      }
    }

    private static String post(int number) {
      return """
      {"did":"did:plc:%1$024d","time_us":17635%1$011d,"kind":"commit","commit":{"rev":\
      "3m%1$011d","operation":"create","collection":"app.bsky.feed.post","rkey":"3n%1$011d",\
      "record":{"$type":"app.bsky.feed.post","createdAt":"2026-11-21T10:00:00.%2$03dZ","langs":\
      ["en"],"reply":{"parent":{"cid":"bafyrei%1$052d","uri":"at://did:plc:%1$024d/app.bsky.feed\
      .post/3k%1$011d"}},"text":"An invented post, number %1$d, with a \\"quote\\" and %3$s"},\
      "cid":"bafyrei%1$052d"}}\
      """
          .formatted(number, number, "x".repeat(number % 64));
    }

    byte[] next() {
      return events[next++ & (COUNT - 1)];
    }
  }

  /// One pass over the bytes.
  @Benchmark
  public EventReading readEvent(Events events) {
    var reading = JetstreamEvent.read(events.next());
    if (!(reading instanceof JetstreamEvent event) || !event.hasText()) {
      throw new IllegalStateException("not read as a post: " + reading);
    }
    return reading;
  }

  /// The yardstick: a tree of all of it.
  @Benchmark
  public JsonNode jacksonTree(Events events) {
    var tree = Json.tree(events.next());
    if (!tree.at("/commit/record/text").isString()) {
      throw new IllegalStateException("not read as a post: " + tree);
    }
    return tree;
  }
}
