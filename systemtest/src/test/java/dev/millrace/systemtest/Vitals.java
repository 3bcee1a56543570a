package dev.millrace.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/// What a process holds at one moment: bytes of reachable objects, after a full collection that is
/// asked for, threads of the operating system, open files and sockets.
record Vitals(long heapBytes, long threads, long files) {
  private static final int PATIENCE_SECONDS = 30;

  static boolean canBeTaken() {
    return Files.isDirectory(Path.of("/proc/self/fd"));
  }

  static Vitals of(long pid) {
    try (var files = Files.list(Path.of("/proc/" + pid + "/fd"));
        var threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
      return new Vitals(heapBytes(pid), threads.count(), files.count());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// The middle one of `figure` over some moments.
  static long median(List<Vitals> some, ToLongFunction<Vitals> figure) {
    var sorted = some.stream().mapToLong(figure).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /// What the lines `number: instances bytes class` of a histogram of reachable objects come to,
  /// but for what a collector puts where objects were that it has not moved together.
  private static long heapBytes(long pid) throws IOException {
    var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    var process =
        new ProcessBuilder(jcmd, Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    long bytes =
        said.lines()
            .map(line -> line.strip().split("\\s+", -1))
            .filter(words -> words.length >= 4 && words[0].endsWith(":"))
            .filter(words -> !words[3].contains("jdk.internal.vm.Filler"))
            .mapToLong(words -> Long.parseLong(words[2]))
            .sum();
    if (bytes == 0) {
      throw new AssertionError("no histogram of the heap:\n" + said);
    }
    return bytes;
  }
}
