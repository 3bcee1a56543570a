package dev.millrace.control.audit;

import dev.millrace.core.json.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/// The newest entries of a trail as they stand on disk, oldest first. `skipped` counts lines that
/// are no entries, among them the `torn` one that a crash may leave at the very end.
record AuditTail(List<ObjectNode> entries, int skipped, boolean torn) {
  // Bounds what is read of one file; many times what the entries in memory come to.
  private static final int MOST_BYTES = 8 << 20;

  /// Reads files, the newest first, until `most` entries are found.
  static AuditTail read(Path folder, int files, int most) throws IOException {
    var newestFirst = new ArrayDeque<ObjectNode>();
    int skipped = 0;
    boolean torn = false;
    for (int number = 0; number < files && newestFirst.size() < most; number++) {
      var file = AuditFile.file(folder, number);
      if (!Files.exists(file)) {
        continue;
      }
      var lines = lines(file);
      boolean last = number == 0;
      for (var line : lines.reversed()) {
        var entry = line.length == 0 ? null : entry(line);
        if (entry != null && newestFirst.size() < most) {
          newestFirst.add(entry);
        } else if (entry == null && line.length > 0) {
          skipped++;
          torn |= last;
        }
        last = false;
      }
    }
    var entries = new ArrayList<>(newestFirst);
    Collections.reverse(entries);
    return new AuditTail(entries, skipped, torn);
  }

  private static @Nullable ObjectNode entry(byte[] line) {
    try {
      return Json.tree(line) instanceof ObjectNode node && node.path("n").canConvertToLong()
          ? node
          : null;
    } catch (JacksonException broken) {
      return null;
    }
  }

  /// The lines of the end of a file; the last is empty unless it was cut off.
  private static List<byte[]> lines(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      var buffer = ByteBuffer.allocate((int) Math.min(size, MOST_BYTES));
      channel.position(size - buffer.capacity());
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
      var lines = split(buffer.array(), buffer.position());
      return size > MOST_BYTES ? lines.subList(1, lines.size()) : lines;
    }
  }

  private static List<byte[]> split(byte[] bytes, int length) {
    var lines = new ArrayList<byte[]>();
    int start = 0;
    for (int at = 0; at <= length; at++) {
      if (at == length || bytes[at] == '\n') {
        lines.add(java.util.Arrays.copyOfRange(bytes, start, at));
        start = at + 1;
      }
    }
    return lines;
  }
}
