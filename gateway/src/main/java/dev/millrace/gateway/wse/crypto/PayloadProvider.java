package dev.millrace.gateway.wse.crypto;

import java.util.Optional;

/// Encrypts payloads at the server's side, for whoever keeps or forwards them: texts in, texts out.
/// Implementations are safe from any thread.
public interface PayloadProvider {
  /// A text that only this provider turns back.
  String encrypt(String text, String connectionId);

  /// The text it was; empty if it was not made by this provider, or for another connection where
  /// the provider tells them apart.
  Optional<String> decrypt(String encrypted, String connectionId);
}
