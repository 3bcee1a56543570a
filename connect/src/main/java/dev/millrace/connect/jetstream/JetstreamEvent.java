package dev.millrace.connect.jetstream;

import dev.millrace.core.frame.JsonView;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The header of one event as it stands on the wire: who, when, what, and the text of a post.
/// Immutable; it refers to the bytes it was read from, and each accessor that returns text decodes
/// it then, so keep what you ask for more than once.
///
/// Keys may come in any order, unknown ones are passed over, and a field of a wrong type counts as
/// missing: records are not validated by anybody upstream. Only `did`, `time_us` and `kind` must be
/// there. Source: Jetstream v1, `/subscribe`.
public final class JetstreamEvent implements EventReading {

  /// The view to ask a body for.
  public static final JsonView<EventReading> VIEW = JetstreamEvent::read;

  public static final String COMMIT = "commit";
  public static final String IDENTITY = "identity";
  public static final String ACCOUNT = "account";
  public static final String CREATE = "create";
  public static final String UPDATE = "update";
  public static final String DELETE = "delete";
  public static final String POST = "app.bsky.feed.post";

  private final byte[] bytes;
  private final long timeUs;
  private final String kind;
  private final long did;
  private final long rev;
  private final @Nullable String operation;
  private final @Nullable String collection;
  private final long rkey;
  private final long text;
  private final long lang;
  private final OptionalLong seq;

  JetstreamEvent(byte[] bytes, EventReader fields) {
    this.bytes = bytes;
    this.timeUs = fields.timeUs;
    this.kind = fields.kind == null ? "" : fields.kind;
    this.did = fields.did;
    this.rev = fields.rev;
    this.operation = fields.operation;
    this.collection = fields.collection;
    this.rkey = fields.rkey;
    this.text = fields.text;
    this.lang = fields.lang;
    this.seq = fields.seq;
  }

  /// Reads one message in one pass over all its bytes, so that whoever keeps or forwards them knows
  /// they are one JSON value nested at most [dev.millrace.core.json.Json#MAX_DEPTH] deep, in UTF-8.
  /// The array must not change afterwards. Never throws on any input.
  public static EventReading read(byte[] bytes) {
    return new EventReader(bytes).read();
  }

  public String did() {
    return Slice.text(bytes, did);
  }

  /// Microseconds since the Unix epoch, as the server stamped it; also its cursor.
  public long timeUs() {
    return timeUs;
  }

  /// [#COMMIT], [#IDENTITY], [#ACCOUNT], or whatever a later server may send.
  public String kind() {
    return kind;
  }

  public boolean isCommit() {
    return kind.equals(COMMIT);
  }

  public @Nullable String rev() {
    return Slice.textOrNull(bytes, rev);
  }

  public @Nullable String operation() {
    return operation;
  }

  public @Nullable String collection() {
    return collection;
  }

  public @Nullable String rkey() {
    return Slice.textOrNull(bytes, rkey);
  }

  public boolean hasRkey() {
    return rkey != Slice.NONE;
  }

  /// The relay's sequence number of an identity or account event.
  public OptionalLong seq() {
    return seq;
  }

  /// Whether the record has a text of at least one character.
  public boolean hasText() {
    return text != Slice.NONE && Slice.length(text) > 0;
  }

  /// `commit.record.text` where that is a string.
  public @Nullable String text() {
    return Slice.textOrNull(bytes, text);
  }

  /// The first of `commit.record.langs` where that is a string.
  public @Nullable String lang() {
    return Slice.textOrNull(bytes, lang);
  }

  /// The record's address, `at://did/collection/rkey`; null for an event that is about no record.
  public @Nullable String atUri() {
    return collection == null || rkey == Slice.NONE
        ? null
        : "at://" + did() + "/" + collection + "/" + Slice.text(bytes, rkey);
  }

  /// What makes this event the same one when it is delivered again, by whichever host: (did, rev,
  /// collection, rkey, operation) of a commit, (did, kind, seq) of any other. An event that has no
  /// such fields is told by its time as well.
  public DeliveryKey deliveryKey() {
    if (isCommit() && rev != Slice.NONE) {
      return DeliveryKey.of(did(), rev(), collection, rkey(), operation);
    }
    return seq.isPresent()
        ? DeliveryKey.of(did(), kind, Long.toString(seq.getAsLong()))
        : DeliveryKey.of(did(), kind, null, Long.toString(timeUs), rkey(), operation);
  }

  /// Copies the text's JSON token, quotes and escapes as they came, to the end of `out`.
  ///
  /// @throws IllegalStateException if there is no text
  public void copyTextToken(java.io.ByteArrayOutputStream out) {
    copyToken(text, out);
  }

  /// Copies the DID's JSON token, quotes and escapes as they came, to the end of `out`.
  public void copyDidToken(java.io.ByteArrayOutputStream out) {
    copyToken(did, out);
  }

  private void copyToken(long slice, java.io.ByteArrayOutputStream out) {
    if (slice == Slice.NONE) {
      throw new IllegalStateException("the event has no such field");
    }
    out.write(bytes, Slice.start(slice) - 1, Slice.length(slice) + 2);
  }

  @Override
  public String toString() {
    return kind + " of " + did() + " at " + timeUs;
  }
}
