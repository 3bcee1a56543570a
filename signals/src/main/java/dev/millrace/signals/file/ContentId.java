package dev.millrace.signals.file;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Names what a file holds, wherever it stands: half a mebibyte from each end and the length, so
/// that a large file is not read twice. A file that grew or was cut has another name.
final class ContentId {
  private static final int END_BYTES = 1 << 19;

  private ContentId() {}

  static String of(Path path) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      var digest = MessageDigest.getInstance("SHA-256");
      long length = file.length();
      digest.update(ByteBuffer.allocate(Long.BYTES).putLong(length).flip());
      digest.update(read(file, 0, (int) Math.min(length, END_BYTES)));
      long last = Math.max(Math.min(length, END_BYTES), length - END_BYTES);
      digest.update(read(file, last, (int) (length - last)));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  private static byte[] read(RandomAccessFile file, long from, int length) throws IOException {
    var bytes = new byte[length];
    file.seek(from);
    file.readFully(bytes);
    return bytes;
  }
}
