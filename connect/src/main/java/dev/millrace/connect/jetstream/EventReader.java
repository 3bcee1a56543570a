package dev.millrace.connect.jetstream;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.millrace.connect.jetstream.EventReading.Malformed;
import dev.millrace.connect.jetstream.EventReading.Reason;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Picks the fields of a [JetstreamEvent] out of one pass over its bytes. One reader per message.
/// A key that stands twice counts as its last value, as JSON parsers have it.
final class EventReader {
  private static final byte[] DID = "did".getBytes(US_ASCII);
  private static final byte[] TIME_US = "time_us".getBytes(US_ASCII);
  private static final byte[] KIND = "kind".getBytes(US_ASCII);
  private static final byte[] COMMIT = "commit".getBytes(US_ASCII);
  private static final byte[] IDENTITY = "identity".getBytes(US_ASCII);
  private static final byte[] ACCOUNT = "account".getBytes(US_ASCII);
  private static final byte[] REV = "rev".getBytes(US_ASCII);
  private static final byte[] OPERATION = "operation".getBytes(US_ASCII);
  private static final byte[] COLLECTION = "collection".getBytes(US_ASCII);
  private static final byte[] RKEY = "rkey".getBytes(US_ASCII);
  private static final byte[] RECORD = "record".getBytes(US_ASCII);
  private static final byte[] TEXT = "text".getBytes(US_ASCII);
  private static final byte[] LANGS = "langs".getBytes(US_ASCII);
  private static final byte[] SEQ = "seq".getBytes(US_ASCII);

  private static final long NO_TIME = Long.MIN_VALUE;

  /// Words that most events use: sharing them saves an allocation per field.
  private static final Words KINDS = new Words("commit", "identity", "account");

  private static final Words OPERATIONS = new Words("create", "delete", "update");
  private static final Words COLLECTIONS =
      new Words(
          "app.bsky.feed.like",
          "app.bsky.feed.post",
          "app.bsky.feed.repost",
          "app.bsky.graph.follow",
          "app.bsky.graph.block",
          "app.bsky.actor.profile");

  private final byte[] bytes;
  private final JsonScanner json;

  long did = Slice.NONE;
  long timeUs = NO_TIME;
  @Nullable String kind;
  long rev = Slice.NONE;
  @Nullable String operation;
  @Nullable String collection;
  long rkey = Slice.NONE;
  long text = Slice.NONE;
  long lang = Slice.NONE;
  OptionalLong seq = OptionalLong.empty();

  EventReader(byte[] bytes) {
    this.bytes = bytes;
    this.json = new JsonScanner(bytes);
  }

  EventReading read() {
    try {
      if (json.peek() != '{') {
        json.skipValue(0);
        json.expectEnd();
        return new Malformed(Reason.NOT_AN_OBJECT, "the message is JSON, but no object");
      }
      envelope();
      json.expectEnd();
    } catch (BrokenJsonException broken) {
      return new Malformed(Reason.NOT_JSON, "the message is no JSON: " + broken.getMessage());
    }
    if (did == Slice.NONE) {
      return incomplete("did");
    }
    if (timeUs == NO_TIME) {
      return incomplete("time_us");
    }
    return kind == null ? incomplete("kind") : new JetstreamEvent(bytes, this);
  }

  private static Malformed incomplete(String field) {
    return new Malformed(
        Reason.INCOMPLETE, "the event has no " + field + ", or one of a wrong type");
  }

  private void envelope() throws BrokenJsonException {
    json.expect('{');
    if (json.skipIf('}')) {
      return;
    }
    do {
      json.readName();
      if (json.is(DID)) {
        did = slice(1);
      } else if (json.is(TIME_US)) {
        timeUs = json.readLong(NO_TIME, 1);
      } else if (json.is(KIND)) {
        kind = word(KINDS, 1);
      } else if (json.is(COMMIT)) {
        commit();
      } else if (json.is(IDENTITY) || json.is(ACCOUNT)) {
        sequenced();
      } else {
        json.skipValue(1);
      }
    } while (json.skipIf(','));
    json.expect('}');
  }

  private void commit() throws BrokenJsonException {
    rev = Slice.NONE;
    operation = null;
    collection = null;
    rkey = Slice.NONE;
    text = Slice.NONE;
    lang = Slice.NONE;
    if (!opensObject(1)) {
      return;
    }
    do {
      json.readName();
      if (json.is(REV)) {
        rev = slice(2);
      } else if (json.is(OPERATION)) {
        operation = word(OPERATIONS, 2);
      } else if (json.is(COLLECTION)) {
        collection = word(COLLECTIONS, 2);
      } else if (json.is(RKEY)) {
        rkey = slice(2);
      } else if (json.is(RECORD)) {
        record();
      } else {
        json.skipValue(2);
      }
    } while (json.skipIf(','));
    json.expect('}');
  }

  private void record() throws BrokenJsonException {
    text = Slice.NONE;
    lang = Slice.NONE;
    if (!opensObject(2)) {
      return;
    }
    do {
      json.readName();
      if (json.is(TEXT)) {
        text = slice(3);
      } else if (json.is(LANGS)) {
        langs();
      } else {
        json.skipValue(3);
      }
    } while (json.skipIf(','));
    json.expect('}');
  }

  private void langs() throws BrokenJsonException {
    lang = Slice.NONE;
    if (json.peek() != '[') {
      json.skipValue(3);
      return;
    }
    json.expect('[');
    if (json.skipIf(']')) {
      return;
    }
    lang = slice(4);
    while (json.skipIf(',')) {
      json.skipValue(4);
    }
    json.expect(']');
  }

  private void sequenced() throws BrokenJsonException {
    seq = OptionalLong.empty();
    if (!opensObject(1)) {
      return;
    }
    do {
      json.readName();
      if (json.is(SEQ)) {
        long value = json.readLong(Long.MIN_VALUE, 2);
        seq = value == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(value);
      } else {
        json.skipValue(2);
      }
    } while (json.skipIf(','));
    json.expect('}');
  }

  /// Enters an object that has members; anything else is passed over whole.
  private boolean opensObject(int depth) throws BrokenJsonException {
    if (json.peek() != '{') {
      json.skipValue(depth);
      return false;
    }
    json.expect('{');
    return !json.skipIf('}');
  }

  private long slice(int depth) throws BrokenJsonException {
    if (json.peek() == '"') {
      json.readString();
      return Slice.of(json);
    }
    json.skipValue(depth);
    return Slice.NONE;
  }

  private @Nullable String word(Words words, int depth) throws BrokenJsonException {
    if (json.peek() == '"') {
      json.readString();
      return words.shared(json);
    }
    json.skipValue(depth);
    return null;
  }

  /// A few texts that are compared as bytes before a new one is made.
  private static final class Words {
    private final String[] texts;
    private final byte[][] utf8;

    Words(String... texts) {
      this.texts = texts;
      this.utf8 = new byte[texts.length][];
      for (int i = 0; i < texts.length; i++) {
        utf8[i] = texts[i].getBytes(US_ASCII);
      }
    }

    String shared(JsonScanner json) {
      if (!json.escaped()) {
        for (int i = 0; i < utf8.length; i++) {
          if (json.is(utf8[i])) {
            return texts[i];
          }
        }
      }
      return json.string();
    }
  }
}
