package dev.millrace.gateway.wse;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The encryption of one connection, as far as its messages switch it. Keys are Base64 of 65-byte
/// points. Confined to the connection's loop; nothing here may block.
public interface SessionCipher {

  /// Our key, to be announced.
  String publicKey();

  /// Takes the client's key. Returns why it cannot be taken, or null.
  @Nullable String accept(String clientPublicKey);

  /// Makes a new key of ours, which is announced; the client answers with a new one of its own.
  String rotate();

  /// Whether both keys are there, so that frames are sealed.
  boolean isEnabled();

  /// Whether frames are signed.
  boolean isSigning();

  /// When our key was made, in milliseconds since the epoch.
  long rotatedMillis();

  /// No more frames are sealed: the connection is gone, or does without.
  void close();

  /// Where ciphers come from.
  @FunctionalInterface
  interface Source {
    /// A cipher for one connection, or none where the server does not encrypt.
    Optional<SessionCipher> open(Ask ask);
  }

  /// Who asks: `signing` if it wants signed frames too.
  record Ask(String connectionId, String userId, boolean signing) {}
}
