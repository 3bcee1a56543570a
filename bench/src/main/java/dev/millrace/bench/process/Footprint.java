package dev.millrace.bench.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// What a JVM holds at one moment. `heap` is bytes of live objects by class, after a full
/// collection and without what a collector puts between them. `directBytes` is memory that the
/// program took outside the heap, buffers of every kind included: the category *Other* of the
/// JVM's native memory tracking, which sees what is allocated past the JDK's own counters, too.
/// `residentBytes` was taken before the collection and so includes garbage.
public record Footprint(Map<String, Long> heap, long directBytes, long residentBytes) {
  /// The JVM argument without which direct memory cannot be told.
  public static final String TRACKING = "-XX:NativeMemoryTracking=summary";

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String FILLER = "jdk.internal.vm.Filler";
  private static final Pattern CLASS =
      Pattern.compile("^\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(\\S+)", Pattern.MULTILINE);
  private static final Pattern OTHER =
      Pattern.compile("^-\\s+Other \\(reserved=\\d+, committed=(\\d+)\\)", Pattern.MULTILINE);
  private static final Pattern RESIDENT =
      Pattern.compile("^VmRSS:\\s+(\\d+) kB", Pattern.MULTILINE);

  public Footprint {
    heap = Map.copyOf(heap);
  }

  /// Collects the garbage of `server`, which [#TRACKING] was given to, and looks at what is left.
  public static Footprint of(ServerProcess server) throws IOException, InterruptedException {
    var status = Files.readString(Path.of("/proc/" + server.pid() + "/status"));
    var commands = Files.createTempFile("millrace-bench", ".jcmd");
    var answer = Files.createTempFile("millrace-bench", ".txt");
    try {
      // The first collection clears what only weak references and cleaners still hold.
      Files.writeString(commands, "GC.run\nGC.class_histogram\nVM.native_memory summary scale=B\n");
      var jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(server.pid()),
                  "-f",
                  commands.toString())
              .redirectErrorStream(true)
              .redirectOutput(answer.toFile())
              .start();
      if (!jcmd.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        jcmd.destroyForcibly();
        throw new IOException("jcmd took longer than " + PATIENCE);
      }
      return read(Files.readString(answer, StandardCharsets.UTF_8), status);
    } finally {
      Files.delete(commands);
      Files.delete(answer);
    }
  }

  /// Reads what `jcmd` said, and `/proc/PID/status`.
  static Footprint read(String said, String status) throws IOException {
    var heap = new HashMap<String, Long>();
    var classes = CLASS.matcher(said);
    while (classes.find()) {
      if (!classes.group(2).startsWith(FILLER)) {
        heap.merge(classes.group(2), Long.parseLong(classes.group(1)), Long::sum);
      }
    }
    if (heap.isEmpty()) {
      throw new IOException("jcmd told no class histogram: " + said.lines().limit(5).toList());
    }
    return new Footprint(heap, number(OTHER, said), number(RESIDENT, status) * 1_024);
  }

  public long heapBytes() {
    return heap.values().stream().mapToLong(Long::longValue).sum();
  }

  /// Live objects and direct memory.
  public long heldBytes() {
    return heapBytes() + directBytes;
  }

  /// The classes that hold most bytes more than in `before`, most first, with how many.
  public List<Map.Entry<String, Long>> grownSince(Footprint before, int most) {
    var grown = new TreeMap<String, Long>();
    heap.forEach((name, bytes) -> grown.put(name, bytes - before.heap.getOrDefault(name, 0L)));
    return grown.entrySet().stream()
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(most)
        .toList();
  }

  private static long number(Pattern pattern, String text) throws IOException {
    var found = pattern.matcher(text);
    if (!found.find()) {
      throw new IOException("no " + pattern + " in " + text.lines().limit(5).toList());
    }
    return Long.parseLong(found.group(1));
  }
}
