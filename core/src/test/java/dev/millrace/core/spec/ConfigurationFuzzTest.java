package dev.millrace.core.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.document.Documents;
import dev.millrace.core.document.SecretReader;
import dev.millrace.core.document.Substitution;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whatever the bytes, all that happens to a configuration ends soon, without an exception, and
/// shows nothing it must not.
class ConfigurationFuzzTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final String SECRET = "qZ7-environment";
  private static final String SOUND =
      """
      # a comment
      server: {host: "127.0.0.1", port: 8080, patience: 5s, size: 1MiB}
      token: ${SECRET}
      token_file: /run/secret
      old: [a, &x b, *x]
      logins:
        one: {user: u, password: 'redis://u:p@h', password_file: /gone}
        two: &login {user: "${NONE:-x}", mode: fast}
        three: *login
      hosts:
        - name: a
          login: {user: a}
        - {name: b, login: {user: "\\u00e9${SECRET}"}}
      graph:
        nodes: [{id: 1, config: {api_key: k, list: [1, 2.5, .inf, 0x1F, ~, true]}}]
        text: |
          block $${x}
      """;

  enum Mode {
    FAST,
    SAFE
  }

  record Server(
      @Default("h") String host,
      @Default("1") @OnRestart @Range(min = 0, max = 65_535) int port,
      @Default("5s") Duration patience,
      @Default("1MiB") ByteSize size,
      @Default("0.5") double share) {}

  record Login(String user, @Secret @Nullable String password, @Default("fast") Mode mode) {
    Login {
      if (user.length() > 20) {
        throw new IllegalArgumentException("the user " + user + " with " + password + " is long");
      }
    }
  }

  record Host(String name, Login login) {}

  record Config(
      @SameLevel Top top,
      Server server,
      @Secret @Nullable String token,
      @Secret List<String> old,
      Map<String, Login> logins,
      List<Host> hosts,
      @Nullable Tree graph) {}

  record Top(@Default("false") boolean strict) {}

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @FuzzTest
  void noBytesCrashTheReader(byte[] bytes) {
    read(bytes, "fuzz");
  }

  @Test
  void damagedConfigurationsEndWithAConfigurationOrProblems() {
    long seed = 20_261_122;
    var random = new Random(seed);
    var bytes = SOUND.getBytes(StandardCharsets.UTF_8);
    var lines = SOUND.split("\n", -1);
    for (int round = 0; round < 4_000; round++) {
      var damaged = random.nextInt(3) == 0 ? shuffled(lines, random) : bytes.clone();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        damaged[random.nextInt(damaged.length)] =
            random.nextInt(3) == 0
                ? (byte) random.nextInt(256)
                : (byte) "{}[]:,-?&*!|>'\"%@`#\n \t0x.e~<$".charAt(random.nextInt(29));
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(damaged.length) : damaged.length;
      read(Arrays.copyOf(damaged, length), "seed " + seed + ", round " + round);
    }
  }

  /// Documents as large as they may be, of the kinds that make readers slow.
  @Test
  void largeDocumentsEndSoonToo() {
    var pieces =
        List.of(
            "[",
            "{a: ",
            "- ",
            "? ",
            "a: ",
            "\"",
            "'",
            "&a ",
            "*a ",
            "!t ",
            "${A:-",
            "${SECRET}",
            "a: 1\n",
            "k: {x: 1}\n",
            "unknwon_key: 1\n",
            "-\n",
            "#\n",
            "\t",
            "|\n",
            "%",
            "@",
            "1,",
            "a://b:x",
            "bearer ",
            "?token=",
            "a,",
            "[]",
            "{}",
            "0",
            "9",
            "1e",
            ".",
            "~\n",
            "\\",
            "\u00e9",
            "{\"a\":",
            "[1,");
    pieces.parallelStream().forEach(ConfigurationFuzzTest::readLargeDocumentsOf);
    var unknown = new StringBuilder("logins:\n");
    for (int i = 0; i < 10_000; i++) {
      unknown.append(
          " k%d: {usr: 1, passwrd: 2, mod: 3, x%d: 4, y: 5, z: 6, w: 7}\n".formatted(i, i));
    }
    read(unknown.toString().getBytes(StandardCharsets.UTF_8), "unknown keys");
  }

  /// What is measured is the processor time of the thread, so that they can be read side by side.
  private static void readLargeDocumentsOf(String piece) {
    var text = piece.repeat(Documents.MAX_BYTES / piece.getBytes(StandardCharsets.UTF_8).length);
    read(text.getBytes(StandardCharsets.UTF_8), "only " + piece);
    for (var start : List.of("token: ", "token: '", "graph: [", "logins: {a: ", "{\"token\":[")) {
      read(
          (start + text.substring(0, text.length() / 8)).getBytes(StandardCharsets.UTF_8),
          "%s, then only %s".formatted(start, piece));
    }
  }

  private static byte[] shuffled(String[] lines, Random random) {
    var some = lines.clone();
    for (int i = 0; i < 3; i++) {
      some[random.nextInt(some.length)] = lines[random.nextInt(lines.length)];
    }
    return (String.join("\n", some) + "\n ").getBytes(StandardCharsets.UTF_8);
  }

  private static void read(byte[] bytes, String as) {
    long start = processorNanos();
    try {
      var problems = new Problems();
      var spec = Spec.of(Config.class);
      SecretReader files = ConfigurationFuzzTest::file;
      var tree =
          Documents.parseMapping("doc", bytes, problems)
              .map(
                  read ->
                      new Substitution(
                              Map.of(),
                              name -> name.equals("SECRET") ? SECRET : null,
                              files,
                              problems)
                          .apply(read))
              .map(read -> new SecretFiles(files, problems).apply(read, spec));
      var config = tree.flatMap(read -> spec.read(read, problems));
      assertThat(config.isEmpty()).as(as).isEqualTo(problems.hasErrors() && config.isEmpty());
      var shown = new StringBuilder(problems.toString());
      tree.ifPresent(
          read -> {
            shown.append(Masked.effective(read, spec));
            var empty = Tree.Mapping.empty(read.location());
            shown.append(TreeDiff.between(empty, read, spec));
            assertThat(TreeDiff.between(read, read, spec).isEmpty()).as(as).isTrue();
            shown.append(TreeDiff.between(read, RestartKeys.kept(empty, read, spec), spec));
          });
      assertThat(shown.indexOf(SECRET)).as(as).isEqualTo(-1);
    } catch (RuntimeException crash) {
      throw new AssertionError(as + ": " + new String(bytes, StandardCharsets.UTF_8), crash);
    }
    assertThat(Duration.ofNanos(processorNanos() - start)).as(as).isLessThan(LIMIT);
  }

  /// What this thread has really worked, however busy the machine is.
  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static String file(String path) throws NoSuchFileException {
    if (path.equals("/run/secret")) {
      return SECRET + "\n";
    }
    throw new NoSuchFileException(path);
  }
}
