package dev.millrace.net.websocket;

import dev.millrace.net.MemoryBudget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/// Takes frames apart and puts messages together. Source: RFC 6455, section 5.
///
/// A short message that lies in one read is unmasked into an array of the loop, a longer one in
/// place, and given as a view of that: no allocation. Only what spans reads or fragments is
/// collected in a buffer of its own, which grows with what has come, not with what a header
/// announces. Text is checked as it comes, so that broken text fails at its first impossible byte.
/// Confined to the connection's loop.
final class FrameDecoder {

  /// Where decoded things go. Buffers are valid during the call, reader to writer index.
  interface Sink {
    void message(boolean text, ByteBuf payload);

    void control(int opcode, ByteBuf payload);

    /// Whether decoding must stop before the next frame.
    boolean stopped();
  }

  private static final int FIRST_CAPACITY = 512;

  private final ByteBufAllocator allocator;
  private final MemoryBudget budget;
  private final int maxMessageBytes;
  private final boolean fromClient;
  private final ByteBuf shortMessage; // the loop's, in an array

  private @Nullable ByteBuf splitHeader; // only while a header spans reads

  private boolean inFrame;
  private boolean last;
  private int opcode;
  private int key;
  private int phase; // payload bytes of the frame that are done, modulo 4
  private boolean started; // whether any are
  private int remaining;

  private int messageOpcode; // TEXT or BINARY while a message is unfinished, else 0
  private @Nullable ByteBuf message;
  private int reserved; // of the budget, for `message`
  private int utf8 = Utf8.BOUNDARY;
  private @Nullable ByteBuf control; // only while a control frame spans reads

  /// `fromClient` is whether the peer is the client, whose frames are masked. In `shortMessage`,
  /// which has an array from its beginning, the short ones are given.
  FrameDecoder(
      ByteBufAllocator allocator,
      MemoryBudget budget,
      int maxMessageBytes,
      boolean fromClient,
      ByteBuf shortMessage) {
    this.allocator = allocator;
    this.budget = budget;
    this.maxMessageBytes = maxMessageBytes;
    this.fromClient = fromClient;
    this.shortMessage = shortMessage;
  }

  /// Decodes until `in` is used up or the sink stops it. Returns what the peer did wrong, after
  /// which nothing more may be decoded, or null.
  @Nullable Violation decode(ByteBuf in, Sink sink) {
    while (in.isReadable() && !sink.stopped()) {
      var violation = inFrame ? payload(in, sink) : header(in, sink);
      if (violation != null) {
        return violation;
      }
    }
    return null;
  }

  /// Gives back what is held of incomplete input.
  void dispose() {
    splitHeader = null;
    control = null;
    dropMessage();
  }

  private @Nullable Violation header(ByteBuf in, Sink sink) {
    int at = in.readerIndex();
    if (splitHeader == null && in.readableBytes() >= Long.BYTES) {
      // Nearly every header of a client ends within eight bytes, which are looked at once.
      long head = in.getLong(at);
      int shortLength = (int) (head >>> 48) & 0x7f;
      if (fromClient && shortLength < 127) {
        boolean extended = shortLength == 126;
        in.readerIndex(at + (extended ? 8 : 6));
        return begin(
            (int) (head >>> 48) & 0xffff,
            extended ? (head >>> 32) & 0xffff : shortLength,
            (int) (extended ? head : head >>> 16),
            sink,
            in);
      }
    }
    return anyHeader(in, sink);
  }

  private @Nullable Violation anyHeader(ByteBuf in, Sink sink) {
    int at = in.readerIndex();
    if (splitHeader == null && in.readableBytes() >= 2) {
      int size = headerSize(in.getByte(at + 1));
      if (in.readableBytes() >= size) {
        in.readerIndex(at + size);
        return begin(in, at, sink, in);
      }
    }
    if (splitHeader == null) {
      splitHeader = Unpooled.buffer(Frames.MAX_HEADER);
    }
    var split = splitHeader;
    split.writeByte(in.readByte());
    if (split.readableBytes() < 2 || split.readableBytes() < headerSize(split.getByte(1))) {
      return null;
    }
    splitHeader = null;
    return begin(split, 0, sink, in);
  }

  private static int headerSize(byte second) {
    int length = second & 0x7f;
    int extended = length == 126 ? Short.BYTES : length == 127 ? Long.BYTES : 0;
    return 2 + extended + (second < 0 ? Integer.BYTES : 0);
  }

  /// Takes in a complete header at `at` of `header`.
  private @Nullable Violation begin(ByteBuf header, int at, Sink sink, ByteBuf in) {
    int second = header.getUnsignedByte(at + 1);
    long length = length(header, at, second & 0x7f);
    boolean masked = (second & Frames.MASKED) != 0;
    int newKey = masked ? header.getInt(at + headerSize((byte) second) - Integer.BYTES) : 0;
    return begin(header.getUnsignedShort(at), length, newKey, sink, in);
  }

  /// Begins a frame whose header has these two bytes first.
  private @Nullable Violation begin(int firstTwo, long length, int newKey, Sink sink, ByteBuf in) {
    int first = firstTwo >>> Byte.SIZE;
    boolean masked = (firstTwo & Frames.MASKED) != 0;
    last = (first & Frames.FIN) != 0;
    opcode = first & 0x0f;
    var violation = check(first, masked, firstTwo & 0x7f, length);
    if (violation != null) {
      return violation;
    }
    key = newKey;
    phase = 0;
    started = false;
    remaining = (int) length; // at most the message limit
    inFrame = true;
    return remaining == 0 ? payload(in, sink) : null;
  }

  private static long length(ByteBuf header, int at, int shortLength) {
    return switch (shortLength) {
      case 126 -> header.getUnsignedShort(at + 2);
      case 127 -> header.getLong(at + 2);
      default -> shortLength;
    };
  }

  private @Nullable Violation check(int first, boolean masked, int shortLength, long length) {
    if ((first & 0x70) != 0) {
      return Violation.RESERVED_BITS;
    }
    if (masked != fromClient) {
      return fromClient ? Violation.NOT_MASKED : Violation.MASKED;
    }
    if (length < 0) {
      return Violation.LENGTH_NEGATIVE;
    }
    if ((shortLength == 126 && length < 126) || (shortLength == 127 && length <= 0xffff)) {
      return Violation.LENGTH_NOT_MINIMAL;
    }
    return isControl() ? checkControl(length) : checkData(length);
  }

  private @Nullable Violation checkControl(long length) {
    if (opcode > Frames.PONG) {
      return Violation.RESERVED_OPCODE;
    }
    if (!last) {
      return Violation.CONTROL_FRAGMENTED;
    }
    return length > Frames.MAX_CONTROL ? Violation.CONTROL_TOO_LONG : null;
  }

  private @Nullable Violation checkData(long length) {
    if (opcode > Frames.BINARY) {
      return Violation.RESERVED_OPCODE;
    }
    boolean continuation = opcode == Frames.CONTINUATION;
    if (continuation && messageOpcode == 0) {
      return Violation.NOTHING_TO_CONTINUE;
    }
    if (!continuation && messageOpcode != 0) {
      return Violation.MESSAGE_UNFINISHED;
    }
    int held = message == null ? 0 : message.readableBytes();
    return length > maxMessageBytes - held ? Violation.MESSAGE_TOO_BIG : null;
  }

  private boolean isControl() {
    return opcode >= Frames.CLOSE;
  }

  private @Nullable Violation payload(ByteBuf in, Sink sink) {
    boolean whole = !started && in.readableBytes() >= remaining;
    if (isControl()) {
      return control(in, sink, whole);
    }
    return whole && last && messageOpcode == 0 && message == null
        ? wholeMessage(in, sink)
        : partOfMessage(in, sink);
  }

  /// The common case: everything lies in this read.
  private @Nullable Violation wholeMessage(ByteBuf in, Sink sink) {
    int from = in.readerIndex();
    int to = from + remaining;
    boolean text = opcode == Frames.TEXT;
    inFrame = false;
    if (fromClient && remaining <= shortMessage.capacity()) {
      return shortMessage(in, text, sink);
    }
    var bytes = in.internalNioBuffer(from, remaining);
    boolean ascii = fromClient && Masking.apply(bytes, key, 0);
    if (text && !ascii && Utf8.check(Utf8.BOUNDARY, bytes) != Utf8.BOUNDARY) {
      return Violation.TEXT_NOT_UTF8;
    }
    int end = in.writerIndex();
    in.writerIndex(to);
    try {
      sink.message(text, in);
    } finally {
      in.setIndex(to, end);
    }
    return null;
  }

  private @Nullable Violation shortMessage(ByteBuf in, boolean text, Sink sink) {
    var out = shortMessage.setIndex(0, remaining);
    in.readBytes(out.array(), 0, remaining);
    boolean ascii = Masking.apply(out.array(), remaining, key);
    if (text
        && !ascii
        && Utf8.check(Utf8.BOUNDARY, out.internalNioBuffer(0, remaining)) != Utf8.BOUNDARY) {
      return Violation.TEXT_NOT_UTF8;
    }
    sink.message(text, out);
    return null;
  }

  private @Nullable Violation partOfMessage(ByteBuf in, Sink sink) {
    if (opcode != Frames.CONTINUATION && messageOpcode == 0) {
      messageOpcode = opcode;
      utf8 = Utf8.BOUNDARY;
    }
    int bytes = Math.min(in.readableBytes(), remaining);
    var collected = roomFor(bytes);
    if (collected == null) {
      return Violation.INPUT_MEMORY;
    }
    int from = collected.writerIndex();
    collected.writeBytes(in, bytes);
    unmask(collected, from, bytes);
    if (messageOpcode == Frames.TEXT) {
      utf8 = Utf8.check(utf8, collected.internalNioBuffer(from, bytes));
      if (utf8 == Utf8.INVALID) {
        return Violation.TEXT_NOT_UTF8;
      }
    }
    if (remaining > 0) {
      return null;
    }
    inFrame = false;
    return last ? endOfMessage(collected, sink) : null;
  }

  private @Nullable Violation endOfMessage(ByteBuf collected, Sink sink) {
    boolean text = messageOpcode == Frames.TEXT;
    if (text && utf8 != Utf8.BOUNDARY) {
      return Violation.TEXT_NOT_UTF8;
    }
    messageOpcode = 0;
    try {
      sink.message(text, collected);
    } finally {
      dropMessage();
    }
    return null;
  }

  private @Nullable Violation control(ByteBuf in, Sink sink, boolean whole) {
    if (whole && control == null) {
      int from = in.readerIndex();
      int to = from + remaining;
      int end = in.writerIndex();
      inFrame = false;
      if (fromClient) {
        Masking.apply(in.internalNioBuffer(from, remaining), key, 0);
      }
      in.writerIndex(to);
      try {
        sink.control(opcode, in);
      } finally {
        in.setIndex(to, end);
      }
      return null;
    }
    var collected = control == null ? Unpooled.buffer(Frames.MAX_CONTROL) : control;
    control = collected;
    int bytes = Math.min(in.readableBytes(), remaining);
    int from = collected.writerIndex();
    collected.writeBytes(in, bytes);
    unmask(collected, from, bytes);
    if (remaining == 0) {
      inFrame = false;
      control = null;
      sink.control(opcode, collected);
    }
    return null;
  }

  private void unmask(ByteBuf bytes, int from, int count) {
    if (fromClient) {
      Masking.apply(bytes.internalNioBuffer(from, count), key, phase);
    }
    phase = (phase + count) & 3;
    started = true;
    remaining -= count;
  }

  /// The message's buffer with room for `bytes` more, or null when the budget has none.
  private @Nullable ByteBuf roomFor(int bytes) {
    var buffer = message;
    int needed = (buffer == null ? 0 : buffer.readableBytes()) + bytes;
    if (needed > reserved) {
      int wanted =
          Math.max(Math.max(needed, FIRST_CAPACITY), Math.min(reserved * 2, maxMessageBytes));
      if (!budget.reserve(wanted - reserved)) {
        return null;
      }
      reserved = wanted;
    }
    if (buffer == null) {
      buffer = allocator.buffer(reserved);
      message = buffer;
    } else if (buffer.capacity() < reserved) {
      buffer.capacity(reserved);
    }
    return buffer;
  }

  private void dropMessage() {
    if (message != null) {
      message.release();
      message = null;
    }
    budget.release(reserved);
    reserved = 0;
    messageOpcode = 0;
  }
}
