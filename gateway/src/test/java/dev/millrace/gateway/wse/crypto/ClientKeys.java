package dev.millrace.gateway.wse.crypto;

import dev.millrace.gateway.wse.codec.WireFrame;
import io.netty.buffer.Unpooled;
import java.security.KeyPair;
import java.security.SecureRandom;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/// A client of one generation: its half of a key exchange.
public final class ClientKeys {
  private final FrameCipher cipher = new FrameCipher(new SecureRandom());
  private final KeyDerivation derivation;
  private KeyPair pair = P256.newPair();
  private @Nullable SecretKey key;
  private @Nullable SecretKey previous; // what is on its way when keys change is sealed with it

  public ClientKeys(KeyDerivation derivation) {
    this.derivation = derivation;
  }

  /// A public key for a server whose own is not known yet; [#derive] follows.
  public String begin() {
    pair = P256.newPair();
    return P256.text(pair.getPublic());
  }

  public void derive(String serverKey) {
    var theirs = P256.publicKey(serverKey);
    if (theirs == null) {
      throw new AssertionError("no key: " + serverKey);
    }
    previous = key;
    key = derivation.key(P256.agree(pair.getPrivate(), theirs));
  }

  /// Derives its key from the server's and returns its own public key.
  public String answer(String serverKey) {
    var own = begin();
    derive(serverKey);
    return own;
  }

  public byte[] sealed(String text) {
    var out = Unpooled.buffer();
    cipher.appendFrame(key(), WireFrame.buffer(text), out);
    return WireFrame.payload(out);
  }

  public @Nullable String opened(byte[] frame) {
    var plain = cipher.open(key(), frame, 2, frame.length);
    if (plain == null && previous != null) {
      plain = cipher.open(previous, frame, 2, frame.length);
    }
    return plain == null ? null : WireFrame.text(plain);
  }

  private SecretKey key() {
    if (key == null) {
      throw new AssertionError("the client has no key");
    }
    return key;
  }
}
