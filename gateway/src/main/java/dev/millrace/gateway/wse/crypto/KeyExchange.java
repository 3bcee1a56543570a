package dev.millrace.gateway.wse.crypto;

import io.netty.buffer.ByteBuf;
import java.security.KeyPair;
import java.time.Duration;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/// The keys of one session: the server offers a public key, the client answers with its own, once;
/// then frames are sealed until the session ends or the keys rotate. The private key is gone as
/// soon as it was used.
///
/// A client does not say which [KeyDerivation] it uses, so both keys are kept until one of them
/// opens a frame of the client's. Until then [#maySeal] keeps data waiting, but not longer than
/// [#PATIENCE]: then the preferred one counts, until a frame proves the other.
///
/// After a rotation the client's frames under the old key still open until the first one under the
/// new key. Confined to the session's loop; ciphers are lent to it.
public final class KeyExchange {
  /// How long data waits for the client's first sealed frame.
  public static final Duration PATIENCE = Duration.ofSeconds(2);

  /// What became of a client's public key.
  public sealed interface Answer {
    /// A key has been agreed.
    record Agreed() implements Answer {}

    /// It was not taken; everything stays as it was. The sentence repeats nothing of the key.
    record Refused(String why) implements Answer {}
  }

  private static final Answer AGREED = new Answer.Agreed();

  private final KeyDerivation preferred;
  private @Nullable KeyPair offer; // until the client answers
  private @Nullable String offered; // its public half, as long as the key from it counts
  private @Nullable SecretKey key; // seals, and opens first
  private @Nullable SecretKey rival; // of the other derivation, until a frame decides
  private @Nullable SecretKey previous; // before the rotation, until a frame under the new key
  private @Nullable KeyDerivation derivation; // decided by a frame
  private KeyDerivation sealing;
  private long agreedNanos;

  /// `preferred` is the derivation of clients that stay silent.
  public KeyExchange(KeyDerivation preferred) {
    this.preferred = preferred;
    this.sealing = preferred;
  }

  /// The server's public key as base64 of 65 bytes; the same one until [#rotate].
  public String offer() {
    var text = offered;
    if (text == null) {
      offer = P256.newPair();
      text = P256.text(offer.getPublic());
      offered = text;
    }
    return text;
  }

  /// Offers a new public key, to take the place of the agreed one when the client answers it.
  public String rotate() {
    offer = null;
    offered = null;
    return offer();
  }

  /// The client's public key, base64 of 65 bytes.
  public Answer accept(String publicKey, long nowNanos) {
    var own = offer;
    if (own == null) {
      return new Answer.Refused(
          key == null
              ? "no key has been offered"
              : "a key has been agreed already; ask for a rotation first");
    }
    var theirs = P256.publicKey(publicKey);
    if (theirs == null) {
      return new Answer.Refused("the public key is not base64 of an uncompressed point of P-256");
    }
    var secret = P256.agree(own.getPrivate(), theirs);
    offer = null;
    previous = key;
    sealing = derivation == null ? preferred : derivation;
    key = sealing.key(secret);
    rival = derivation == null ? sealing.other().key(secret) : null;
    agreedNanos = nowNanos;
    return AGREED;
  }

  /// Forgets every key; what is sent from now on is not sealed, and the next [#offer] is a new one.
  public void disable() {
    offer = null;
    offered = null;
    key = null;
    rival = null;
    previous = null;
    derivation = null;
    sealing = preferred;
  }

  /// Whether there is a key to open frames with.
  public boolean isAgreed() {
    return key != null;
  }

  /// Whether the client is waited for: a new key was offered and not answered.
  public boolean isOffered() {
    return offer != null;
  }

  /// Whether data may be sealed now. While this is false although a key is agreed, data waits;
  /// ask again after a frame of the client's, and at the latest [#PATIENCE] after the agreement.
  public boolean maySeal(long nowNanos) {
    return key != null && (derivation != null || nowNanos - agreedNanos >= PATIENCE.toNanos());
  }

  /// Appends one sealed binary WebSocket frame with what is readable in `plain`, category and JSON,
  /// whose indexes stay.
  ///
  /// @throws IllegalStateException if no key is agreed
  public void appendFrame(FrameCipher cipher, ByteBuf plain, ByteBuf out) {
    var sealingKey = key;
    if (sealingKey == null) {
      throw new IllegalStateException("no key is agreed; ask isAgreed first");
    }
    cipher.appendFrame(sealingKey, plain, out);
  }

  /// Opens what stands behind `E:` in a client's frame; null if no key of the session does.
  public byte @Nullable [] open(FrameCipher cipher, byte[] message, int from, int to) {
    var plain = opened(key, cipher, message, from, to);
    if (plain != null) {
      decided(sealing);
      return plain;
    }
    plain = opened(rival, cipher, message, from, to);
    if (plain != null) {
      key = rival;
      decided(sealing.other());
      return plain;
    }
    return opened(previous, cipher, message, from, to);
  }

  private void decided(KeyDerivation proven) {
    derivation = proven;
    sealing = proven;
    rival = null;
    previous = null;
  }

  private static byte @Nullable [] opened(
      @Nullable SecretKey candidate, FrameCipher cipher, byte[] message, int from, int to) {
    return candidate == null ? null : cipher.open(candidate, message, from, to);
  }
}
