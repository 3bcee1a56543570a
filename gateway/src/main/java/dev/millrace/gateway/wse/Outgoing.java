package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.codec.Batch;
import dev.millrace.gateway.wse.codec.FrameContent;
import dev.millrace.gateway.wse.codec.MessagePackForm;
import dev.millrace.gateway.wse.codec.Timestamps;
import dev.millrace.gateway.wse.crypto.MessageSigner;
import dev.millrace.gateway.wse.crypto.SignedEnvelope;
import dev.millrace.hub.FrameRewriter;
import dev.millrace.hub.FrameView;
import dev.millrace.net.websocket.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// How frames leave to one connection that does not take them as all others do: numbered, signed,
/// compressed by a threshold of its own, packed, sealed. Data are rewritten only as long as their
/// lane does not have them that way already; frames for this client alone always come by. Confined
/// to the connection's loop.
///
/// The order is: a fresh timestamp, the number, then maybe several in a batch, the signature, and
/// one framing: sealed, or packed, or compressed where that is smaller.
final class Outgoing implements FrameRewriter {
  private static final byte[] NUMBER = ",\"seq\":".getBytes(StandardCharsets.US_ASCII);

  private final WseSession session;
  private final WseContext context;
  private final Workbench bench;
  private final WireChoice lane;
  private final boolean numbered;
  private @Nullable MessageSigner own; // once it signs with a secret of the connection
  private long nextNumber;

  /// `lane` is the form in which the hub has the session's frames.
  Outgoing(WseSession session, Workbench bench, WireChoice lane) {
    this.session = session;
    this.context = session.context();
    this.bench = bench;
    this.lane = lane;
    this.numbered = context.numbers();
    // Grows with time, so that a client which counts on over reconnects never sees a smaller one.
    this.nextNumber = context.clock.epochMillis() * 1_000;
  }

  private boolean signs() {
    return session.client().facts().signing();
  }

  /// With a secret of the connection.
  private MessageSigner own() {
    own = own == null ? context.signing.ofSomeSecret() : own;
    return own;
  }

  /// Whether data have to be rewritten, as things are.
  boolean rewritesData() {
    var settings = session.client().settings;
    if (numbered || signs() || seals() || settings.batches()) {
      return true;
    }
    return switch (lane) {
      case PACKED -> false;
      case PLAIN -> session.client().facts().msgpack() || settings.compression();
      case COMPRESSED ->
          !settings.compression()
              || settings.compressionThreshold() != context.compression().threshold();
    };
  }

  // Data.

  @Override
  public int rewrite(FrameView frame, ByteBuf out) {
    boolean batches = session.client().settings.batches();
    boolean edits = numbered || signs() || seals() || batches;
    char mark = FrameContent.mark(frame.buffer(), contentStart(frame));
    if (!edits && isAsWanted(frame, mark)) {
      int start = out.writerIndex();
      frame.copyTo(out);
      if (frame.timestampAt() >= 0 && isStale(frame)) {
        out.setBytes(start + frame.timestampAt(), Timestamps.bytes(frame.nowMillis()));
      }
      if (mark == 'C') {
        saved(frame.saved());
      }
      return 1;
    }
    var content = bench.scratch();
    if (mark == 'C' || mark == 'M') {
      content.writeBytes(frame.read(FrameContent.INSTANCE));
    } else {
      int header = contentStart(frame) - frame.start();
      content.writeBytes(frame.buffer(), frame.start() + header, frame.length() - header);
      if (frame.timestampAt() >= 0 && isStale(frame)) {
        content.setBytes(frame.timestampAt() - header, Timestamps.bytes(frame.nowMillis()));
      }
    }
    if (numbered) {
      appendNumber(content);
    }
    if (batches) {
      return collect(content, frame.nowMillis(), out) ? 1 : 0;
    }
    return finish(signed(content, frame), false, out) ? 1 : 0;
  }

  /// Keeps an event for the next batch, which goes out before it if there is no room. Returns false
  /// if it is longer than clients take.
  private boolean collect(ByteBuf content, long nowMillis, ByteBuf out) {
    var batch = bench.batch();
    int bytes = content.readableBytes();
    if (!batch.hasRoomFor(bytes)) {
      endBatch(batch, nowMillis, out);
    }
    if (!batch.hasRoomFor(bytes)) {
      return finish(signed(content, nowMillis), false, out);
    }
    batch.add(content);
    if (batch.count() >= session.client().settings.batchSize()) {
      endBatch(batch, nowMillis, out);
    }
    return true;
  }

  @Override
  public void complete(ByteBuf out) {
    endBatch(bench.batch(), now(), out);
  }

  /// One event leaves alone, and so does each that only together are longer than clients take.
  private void endBatch(Batch batch, long nowMillis, ByteBuf out) {
    int count = batch.count();
    if (count < 2 || !frame(signed(batch.together(), nowMillis), false, out)) {
      for (int i = 0; i < count; i++) {
        var _ = finish(signed(batch.alone(i), nowMillis), false, out);
      }
    }
    batch.clear();
  }

  /// Whether a frame that nothing is added to stands in its lane as the client takes it.
  private boolean isAsWanted(FrameView frame, char mark) {
    var settings = session.client().settings;
    if (session.client().facts().msgpack()) {
      return mark == 'M';
    }
    if (mark == 'C') {
      return settings.compression()
          && settings.compressionThreshold() <= context.compression().threshold();
    }
    return !settings.compression() || frame.length() <= settings.compressionThreshold();
  }

  private boolean isStale(FrameView frame) {
    return frame.nowMillis() - frame.publishedMillis() > context.staleMillis();
  }

  private static int contentStart(FrameView frame) {
    return frame.start() + FrameContent.headerBytes(frame.buffer(), frame.start());
  }

  private void appendNumber(ByteBuf content) {
    content.writerIndex(content.writerIndex() - 1).writeBytes(NUMBER);
    content.writeCharSequence(Long.toString(nextNumber++), StandardCharsets.US_ASCII);
    content.writeByte('}');
  }

  // Frames for this client alone.

  /// The frame as the client takes it; takes ownership. Null if it would become too long for any
  /// client.
  @Nullable ByteBuf dress(ByteBuf frame) {
    int at = frame.readerIndex() + FrameContent.headerBytes(frame, frame.readerIndex());
    var kind = SystemKind.of(frame, at);
    if (kind == SystemKind.BARE || (!signs() && !isReframed(frame, kind))) {
      return frame;
    }
    boolean text = FrameContent.isText(frame);
    var out = PooledByteBufAllocator.DEFAULT.buffer(frame.readableBytes() + 64);
    boolean done = false;
    try {
      var plain = frame.slice(at, frame.writerIndex() - at);
      var content = signs() ? signed(bench.scratch().writeBytes(plain), now()) : plain;
      if (kind == SystemKind.HANDSHAKE) {
        Frames.writeHeader(out, text, content.readableBytes());
        out.writeBytes(content);
        done = true;
      } else {
        done = finish(content, text, out);
      }
      return done ? out : null;
    } finally {
      frame.release();
      if (!done) {
        out.release();
      }
    }
  }

  private boolean isReframed(ByteBuf frame, SystemKind kind) {
    if (kind == SystemKind.HANDSHAKE) {
      return false;
    }
    var settings = session.client().settings;
    return seals()
        || packs(FrameContent.isText(frame))
        || (settings.compression() && frame.readableBytes() > settings.compressionThreshold());
  }

  // Both.

  private boolean seals() {
    var cipher = session.client().cipher;
    return cipher != null && cipher.isEnabled();
  }

  /// Texts stay texts for clients that have everything else packed.
  private boolean packs(boolean text) {
    return !text && session.client().facts().msgpack();
  }

  /// Where others can check them, signatures are one for all sessions of the loop.
  private ByteBuf signed(ByteBuf content, FrameView frame) {
    if (!signs()) {
      return content;
    }
    var shared = context.signing.shared();
    if (shared == null) {
      return signed(content, own(), frame.nowMillis());
    }
    var member = frame.read(shared);
    if (member.length > 0) {
      content.writerIndex(content.writerIndex() - 1).writeBytes(member).writeByte('}');
    }
    return content;
  }

  /// What is for this connection alone.
  private ByteBuf signed(ByteBuf content, long nowMillis) {
    if (!signs()) {
      return content;
    }
    var shared = context.signing.shared();
    return signed(content, shared == null ? own() : shared.signer(), nowMillis);
  }

  private static ByteBuf signed(ByteBuf content, MessageSigner with, long nowMillis) {
    var json = ByteBufUtil.getBytes(content);
    int brace = 0;
    while (json[brace] != '{') {
      brace++;
    }
    return content.clear().writeBytes(SignedEnvelope.of(json, brace, with, nowMillis));
  }

  /// Appends one frame; returns false if it would be longer than clients take, which is counted.
  private boolean finish(ByteBuf content, boolean text, ByteBuf out) {
    boolean fits = frame(content, text, out);
    if (!fits) {
      context.counters.tooLargeDressed.inc();
    }
    return fits;
  }

  private boolean frame(ByteBuf content, boolean text, ByteBuf out) {
    int start = out.writerIndex();
    var cipher = session.client().cipher;
    var settings = session.client().settings;
    if (cipher != null && cipher.isEnabled()) {
      cipher.seal(bench.cipher(), content, out);
    } else if (packs(text)) {
      MessagePackForm.appendFrame(content, out);
    } else if (settings.compression()
        && bench.compressor().appendFrame(content, settings.compressionThreshold(), out)) {
      int plain = content.readableBytes();
      saved(Frames.headerBytes(plain) + plain - (out.writerIndex() - start));
    } else {
      Frames.writeHeader(out, text, content.readableBytes());
      out.writeBytes(content);
    }
    int payload = out.writerIndex() - start - FrameContent.headerBytes(out, start);
    if (payload <= Handshake.MAX_MESSAGE) {
      return true;
    }
    out.writerIndex(start);
    return false;
  }

  private void saved(int bytes) {
    session.hubSession().savings().add(bytes);
  }

  private long now() {
    return context.clock.epochMillis();
  }
}
