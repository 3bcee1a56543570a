package dev.millrace.gateway.wse;

import dev.millrace.gateway.wse.codec.Batch;
import dev.millrace.gateway.wse.codec.Compressor;
import dev.millrace.gateway.wse.codec.InboundFrames;
import dev.millrace.gateway.wse.crypto.FrameCipher;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// What the connections of one loop have in common: their pulse, and codecs, which are lent for one
/// message at a time and made when the first needs them. Confined to the loop.
final class Workbench {
  private static final int DRESS = 1 << 10; // for a signature and a seal around a batch
  private static final int KEPT = 64 << 10; // of the scratch, beyond a frame that needs more

  private final Pulse pulse = new Pulse();
  private final Inbound.Request request = Inbound.Request.lent();
  private final SecureRandom random;
  private final int compressionLevel;
  private @Nullable FrameCipher cipher;
  private @Nullable InboundFrames inbound;
  private @Nullable Compressor compressor;
  private @Nullable ByteBuf scratch;
  private @Nullable Batch batch;
  private boolean retired;

  Workbench(int compressionLevel, SecureRandom random) {
    this.compressionLevel = compressionLevel;
    this.random = random;
  }

  Pulse pulse() {
    return pulse;
  }

  SecureRandom random() {
    return random;
  }

  FrameCipher cipher() {
    cipher = cipher == null ? new FrameCipher(random) : cipher;
    return cipher;
  }

  InboundFrames inbound() {
    inbound = inbound == null ? new InboundFrames(Handshake.MAX_MESSAGE, cipher()) : inbound;
    return inbound;
  }

  Compressor compressor() {
    compressor = compressor == null ? new Compressor(compressionLevel) : compressor;
    return compressor;
  }

  /// The message in hand, until the next one comes.
  Inbound.Request request() {
    return request;
  }

  /// What is collected for the connection that is being written to, and empty for the next.
  Batch batch() {
    batch = batch == null ? new Batch(Handshake.MAX_MESSAGE - DRESS) : batch;
    return batch;
  }

  /// An empty buffer, until the next call.
  ByteBuf scratch() {
    var known = scratch;
    if (known != null && known.capacity() > KEPT) {
      known.release();
      known = null;
    }
    if (known == null) {
      known = PooledByteBufAllocator.DEFAULT.directBuffer(4 << 10);
      scratch = known;
    }
    return known.clear();
  }

  void enter(WseSession session) {
    pulse.add(session);
  }

  void leave(WseSession session) {
    pulse.remove(session);
    clearIfDone();
  }

  /// No more connections come: with the last one everything is given back.
  void retire() {
    retired = true;
    clearIfDone();
  }

  private void clearIfDone() {
    if (!retired || !pulse.isEmpty()) {
      return;
    }
    if (inbound != null) {
      inbound.close();
      inbound = null;
    }
    if (compressor != null) {
      compressor.close();
      compressor = null;
    }
    if (scratch != null) {
      scratch.release();
      scratch = null;
    }
    if (batch != null) {
      batch.close();
      batch = null;
    }
  }
}
