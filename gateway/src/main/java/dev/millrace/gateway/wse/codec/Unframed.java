package dev.millrace.gateway.wse.codec;

/// What a message of a client holds once its framing is taken off.
public sealed interface Unframed {
  /// An envelope, or whatever the client sent without any framing: bytes for whoever reads
  /// messages, with or without a category in front.
  record Text(byte[] bytes) implements Unframed {}

  /// Its content is longer than `limit` bytes; nothing beyond that was looked at.
  record TooLarge(int limit) implements Unframed {}

  /// It cannot be read.
  record Refused(Reason reason) implements Unframed {}

  /// Why a message cannot be read; the sentence quotes nothing of it.
  enum Reason {
    NOT_COMPRESSED("what follows C: is neither a zlib nor a deflate stream, or not a whole one"),
    NOT_PACKED("the message is not one MessagePack map within the limits"),
    NO_KEY("the message is sealed and no key has been agreed"),
    NOT_SEALED("the message cannot be opened with the session's key");

    private final String sentence;

    Reason(String sentence) {
      this.sentence = sentence;
    }

    public String sentence() {
      return sentence;
    }
  }
}
