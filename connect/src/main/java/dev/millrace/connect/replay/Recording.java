package dev.millrace.connect.replay;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A file of recorded lines: what it is called as a stream, and its bytes.
final class Recording {
  private static final int SAMPLE_BYTES = 1 << 20;

  private Recording() {}

  /// Names the content: `file:` and 16 hexadecimal digits of a SHA-256 over the file's length and
  /// its first, middle and last mebibyte (a file of up to three is covered whole). So a copy or a
  /// renamed file is the same stream, one that grew or was cut is another, and a file of any size
  /// is not read twice. The stored bytes count: a compressed copy is another stream.
  static String contentId(Path file) throws IOException {
    var digest = sha256();
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(size).flip());
      if (size <= 3L * SAMPLE_BYTES) {
        sample(channel, 0, (int) size, digest);
      } else {
        sample(channel, 0, SAMPLE_BYTES, digest);
        sample(channel, (size - SAMPLE_BYTES) / 2, SAMPLE_BYTES, digest);
        sample(channel, size - SAMPLE_BYTES, SAMPLE_BYTES, digest);
      }
    }
    return "file:" + HexFormat.of().formatHex(digest.digest(), 0, 8);
  }

  /// The lines' bytes, decompressed when the file begins with the magic number of zstd (RFC 8878,
  /// section 3.1.1).
  static InputStream open(Path file) throws IOException {
    boolean compressed;
    try (var head = Files.newInputStream(file)) {
      var magic = head.readNBytes(4);
      compressed =
          magic.length == 4 && ByteBuffer.wrap(magic).getInt() == 0x28B52FFD; // little-endian
    }
    var channel = FileChannel.open(file, StandardOpenOption.READ);
    return compressed ? new ZstdStream(channel) : Channels.newInputStream(channel);
  }

  private static void sample(FileChannel channel, long from, int length, MessageDigest digest)
      throws IOException {
    var buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {}
    digest.update(buffer.flip());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
