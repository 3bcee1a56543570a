package dev.millrace.hub;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// One published frame, as filters, rewriters and key readers see it. One mutable object per loop,
/// valid during the call that gets it alone.
public final class FrameView {
  private final FrameMemo memo;
  private ByteBuf buffer = Unpooled.EMPTY_BUFFER;
  private @Nullable Chunk chunk;
  private int frame;
  private String topic = "";
  private int epoch;
  private int start;
  private int length;
  private int saved;
  private long entry;
  private long offset;
  private long publishedMillis;
  private long nowMillis;

  FrameView(FrameMemo memo) {
    this.memo = memo;
  }

  /// A view of one frame that stands in no log, for tests of filters and rewriters.
  public static FrameView of(
      String topic, ByteBuf frame, Priority priority, int timestampAt, Stamp stamp, long millis) {
    var view = new FrameView(new FrameMemo());
    view.topic = topic;
    view.epoch = stamp.epoch();
    view.offset = stamp.offset();
    view.buffer = frame;
    view.start = frame.readerIndex();
    view.length = frame.readableBytes();
    view.entry = FrameIndex.entry(0, priority, 0, timestampAt);
    view.publishedMillis = millis;
    view.nowMillis = millis;
    return view;
  }

  /// What holds the frame, from [#start()] on. Shared with other sessions: only to be read, at
  /// absolute indices, and not to be kept.
  public ByteBuf buffer() {
    return buffer;
  }

  /// Where the complete frame begins in [#buffer()].
  public int start() {
    return start;
  }

  /// Bytes of the complete frame.
  public int length() {
    return length;
  }

  /// Bytes by which the frame is smaller than it would be otherwise.
  public int saved() {
    return saved;
  }

  /// Appends the frame as it is.
  public void copyTo(ByteBuf out) {
    out.writeBytes(buffer, start, length);
  }

  public String topic() {
    return topic;
  }

  /// Changes whenever the topic starts again from nothing.
  public int epoch() {
    return epoch;
  }

  /// The message's place in its topic.
  public long offset() {
    return offset;
  }

  public Priority priority() {
    return FrameIndex.priority(entry);
  }

  /// A number for the message's type, the same for all messages of that type on the topic; 0 if it
  /// has none.
  public int type() {
    return FrameIndex.type(entry);
  }

  /// Where, counted from [#start()], the text of the timestamp begins, or -1 if the frame has none.
  public int timestampAt() {
    return FrameIndex.timestampAt(entry);
  }

  /// When the message was published, in milliseconds since the Unix epoch.
  public long publishedMillis() {
    return publishedMillis;
  }

  /// When this turn of the loop began, in milliseconds since the Unix epoch.
  public long nowMillis() {
    return nowMillis;
  }

  /// What `reader` makes of this frame. Several sessions of one loop that read the same frame in
  /// one turn with the same reader share one reading, as far as the memo has room.
  public <T> T read(FrameReader<T> reader) {
    var known = chunk;
    return known == null ? reader.read(this) : memo.read(this, known, frame, reader);
  }

  void turnBegins(long millis) {
    nowMillis = millis;
  }

  void set(Topic newTopic, Chunk newChunk, int newFrame) {
    topic = newTopic.name();
    epoch = newChunk.epoch();
    chunk = newChunk;
    frame = newFrame;
    buffer = newChunk.data();
    entry = newChunk.entry(newFrame);
    start = FrameIndex.start(entry);
    length = newChunk.start(newFrame + 1) - start;
    saved = newChunk.saved(newFrame);
    offset = newChunk.offset(newFrame);
    publishedMillis = newChunk.publishedMillis(newFrame);
  }

  /// What stands in `bytes` for a frame in another form.
  void set(Topic newTopic, Chunk original, int originalFrame, ByteBuf bytes, int timestampAt) {
    set(newTopic, original, originalFrame);
    int before = length;
    chunk = null;
    buffer = bytes;
    start = bytes.readerIndex();
    length = bytes.readableBytes();
    saved = timestampAt < 0 ? Math.max(0, before - length) : 0;
    var priority = FrameIndex.priority(entry);
    entry = FrameIndex.entry(0, priority, FrameIndex.type(entry), timestampAt);
  }
}
