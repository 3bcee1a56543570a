package dev.millrace.gateway.wse;

import dev.millrace.core.time.Clock;
import dev.millrace.gateway.wse.crypto.FrameCipher;
import dev.millrace.gateway.wse.crypto.KeyDerivation;
import dev.millrace.gateway.wse.crypto.KeyExchange;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The encryption of one connection, as its messages switch it and its frames use it. Public keys
/// are Base64 of 65-byte points. Making and accepting one takes some hundred microseconds. Confined
/// to the connection's loop.
final class SessionCipher {
  private final KeyExchange keys;
  private final Clock clock;
  private long offeredMillis;

  SessionCipher(KeyDerivation preferred, Clock clock) {
    this.keys = new KeyExchange(preferred);
    this.clock = clock;
    this.offeredMillis = clock.epochMillis();
  }

  /// Our key, to be announced.
  String publicKey() {
    return keys.offer();
  }

  /// Takes the client's key. Returns why it cannot be taken, or null.
  @Nullable String accept(String clientPublicKey) {
    return switch (keys.accept(clientPublicKey, clock.nanoTime())) {
      case KeyExchange.Answer.Agreed() -> null;
      case KeyExchange.Answer.Refused(var why) -> why;
    };
  }

  /// A new key of ours, which is announced; the client answers with a new one of its own. While it
  /// has not, the same again.
  String rotate() {
    if (!keys.isOffered()) {
      offeredMillis = clock.epochMillis();
      return keys.rotate();
    }
    return keys.offer();
  }

  /// Whether it is time for another key, and the client has answered the last one.
  boolean isDueForRotation(Duration every) {
    return isEnabled()
        && !keys.isOffered()
        && clock.epochMillis() - offeredMillis >= every.toMillis();
  }

  /// Whether both keys are there, so that frames are sealed.
  boolean isEnabled() {
    return keys.isAgreed();
  }

  /// Whether what is to be sealed has to wait until a frame of the client's has shown how it
  /// derives keys.
  boolean isUndecided() {
    return keys.isAgreed() && !keys.maySeal(clock.nanoTime());
  }

  /// When our key was made, in milliseconds since the epoch.
  long rotatedMillis() {
    return offeredMillis;
  }

  KeyExchange keys() {
    return keys;
  }

  /// Appends one frame that seals `content`.
  void seal(FrameCipher with, ByteBuf content, ByteBuf out) {
    keys.appendFrame(with, content, out);
  }

  /// Forgets all keys.
  void close() {
    keys.disable();
  }
}
