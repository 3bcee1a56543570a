package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.problem.Problems;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Whatever the bytes, reading ends with a tree or with problems.
class DocumentsFuzzTest {
  private static final String YAML =
      """
      # a comment
      server: {port: 8080, "host": '127.0.0.1'}
      list: &anchor
        - one
        - [1, 2.5, .inf, 0x1F, ~]
        - key: |
            block
              text
          other: >-
            folded
      alias: *anchor
      ? plain
      : "esc\\u00e9\\n"
      """;
  private static final String JSON =
      "{\"server\":{\"port\":8080,\"host\":\"h\\u00e9\\n"
          + "\"},\"list\":[1,-2.5e3,true,false,null,{}]}";

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @FuzzTest
  void noBytesCrashTheReader(byte[] bytes) {
    read(bytes, "fuzz");
  }

  @FuzzTest
  void noJsonCrashesTheReader(byte[] bytes) {
    var json = new byte[bytes.length + 1];
    json[0] = '{';
    System.arraycopy(bytes, 0, json, 1, bytes.length);
    read(json, "fuzz");
  }

  @Test
  void damagedYamlEndsWithATreeOrProblems() {
    damage(YAML, "yaml", 20_260_101);
  }

  @Test
  void damagedJsonEndsWithATreeOrProblems() {
    damage(JSON, "json", 20_260_102);
  }

  private static void damage(String sound, String name, long seed) {
    assertThat(Read.tree(sound)).isNotNull();
    var random = new Random(seed);
    var bytes = sound.getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 4_000; round++) {
      var damaged = bytes.clone();
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        int at = random.nextInt(damaged.length);
        damaged[at] =
            random.nextInt(3) == 0
                ? (byte) random.nextInt(256)
                : (byte) "{}[]:,-?&*!|>'\"%@`#\n \t0x.e~<".charAt(random.nextInt(28));
      }
      int length = random.nextInt(4) == 0 ? random.nextInt(damaged.length) : damaged.length;
      read(java.util.Arrays.copyOf(damaged, length), name + ", seed " + seed + ", round " + round);
    }
  }

  private static void read(byte[] bytes, String as) {
    var problems = new Problems();
    try {
      var tree = Documents.parse("doc", bytes, problems);
      assertThat(tree.isPresent()).as(as).isNotEqualTo(problems.hasErrors());
    } catch (RuntimeException crash) {
      throw new AssertionError(as + ": " + new String(bytes, StandardCharsets.UTF_8), crash);
    }
  }
}
