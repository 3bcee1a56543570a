package dev.millrace.control.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/// Who has a data directory, or had it last: three lines in the file that is locked. Only for
/// people to read; the lock itself is the operating system's.
record Holder(String pid, String since, String version) {
  private static final int MAX_BYTES = 512;
  private static final String UNKNOWN = "unknown";

  static Holder thisProcess(String version) {
    var process = ProcessHandle.current();
    var started = process.info().startInstant().orElseGet(Instant::now);
    return new Holder(
        Long.toString(process.pid()), started.truncatedTo(ChronoUnit.SECONDS).toString(), version);
  }

  /// What is written in the file; what is missing there is `unknown`.
  static Holder read(FileChannel file) throws IOException {
    var content = ByteBuffer.allocate(MAX_BYTES);
    while (content.hasRemaining() && file.read(content, content.position()) > 0) {}
    var lines = new HashMap<String, String>();
    new String(content.array(), 0, content.position(), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.split(" ", 2))
        .filter(parts -> parts.length == 2 && parts[1].chars().allMatch(Holder::isPrintable))
        .forEach(parts -> lines.put(parts[0], parts[1]));
    return new Holder(value(lines, "pid"), value(lines, "since"), value(lines, "version"));
  }

  void write(FileChannel file) throws IOException {
    var text = "pid " + pid + "\nsince " + since + "\nversion " + version + "\n";
    var rest = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    while (rest.hasRemaining()) {
      file.write(rest, rest.position()); // over what is there: a full disk has room for that
    }
    file.truncate(rest.limit());
  }

  private static String value(Map<String, String> lines, String key) {
    return lines.getOrDefault(key, UNKNOWN);
  }

  private static boolean isPrintable(int character) {
    return character >= ' ' && character < 0x7F;
  }
}
