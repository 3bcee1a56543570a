package dev.millrace.gateway.wse.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;

class CanonicalJsonTest {
  private static String canonical(String json) {
    return WireFrame.text(CanonicalJson.of(WireFrame.bytes(json)));
  }

  @Test
  void keysAreSortedSeparatedAndEscapedAsPythonDoes() {
    for (var line :
        List.of(
            "{}|{}",
            "[]|[]",
            "{\"b\":[1,true,null],\"a\":{}}|{\"a\": {}, \"b\": [1, true, null]}",
            "{\"a\":1,\"a\":2}|{\"a\": 2}",
            "{\"b\":1,\"B\":2,\"a b\":3,\"\":4}|{\"\": 4, \"B\": 2, \"a b\": 3, \"b\": 1}",
            "\"ä€\\ud83d\\ude00/\\u007f\"|\"\\u00e4\\u20ac\\ud83d\\ude00/\\u007f\"",
            "\"\\b\\f\\n\\r\\t\\\"\\\\\\u0000\\u001f\"|\"\\b\\f\\n\\r\\t\\\"\\\\\\u0000\\u001f\"",
            "[-0,0,12345678901234567890123]|[0, 0, 12345678901234567890123]",
            "[1.0,-0.0,1e5,1E400,-1e400]|[1.0, -0.0, 100000.0, Infinity, -Infinity]")) {
      var parts = line.split("\\|", 2);
      assertThat(canonical(parts[0])).isEqualTo(parts[1]);
    }
  }

  @Test
  void keysAreOrderedByCodePointsNotByTheirCoding() {
    // U+FFFD comes before U+1F600, whose first half is U+D83D.
    assertThat(canonical("{\"\\ud83d\\ude00\":1,\"\\ufffd\":2,\"a\\ud83d\\ude00\":3,\"a\":4}"))
        .isEqualTo("{\"a\": 4, \"a\\ud83d\\ude00\": 3, \"\\ufffd\": 2, \"\\ud83d\\ude00\": 1}");
  }

  @Test
  void numbersArePrintedAsPythonDoes() {
    for (var line :
        List.of(
            "0.1|0.1",
            "1e16|1e+16",
            "1e15|1000000000000000.0",
            "123456789012345680|1.2345678901234568e+17",
            "9999999999999998|9999999999999998.0",
            "1e-4|0.0001",
            "1e-5|1e-05",
            "1.5e-7|1.5e-07",
            "5e-324|5e-324",
            "1e-323|1e-323",
            "1.5e-323|1.5e-323",
            "2e-323|2e-323",
            "1.7976931348623157e308|1.7976931348623157e+308",
            "2e23|2e+23",
            "123.456|123.456",
            "1e22|1e+22",
            "-2.5|-2.5",
            "1234567.0|1234567.0",
            "0.00012345|0.00012345")) {
      var parts = line.split("\\|", 2);
      assertThat(PythonNumbers.text(Double.parseDouble(parts[0]))).isEqualTo(parts[1]);
    }
    assertThat(PythonNumbers.text(Double.NaN)).isEqualTo("NaN");
  }

  @Test
  void everyNumberReadsBackAsItself() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var json = new RandomJson(random);
    for (int i = 0; i < 20_000; i++) {
      double number = i < 1_000 ? i * Double.MIN_VALUE : json.number();
      assertThat(Double.parseDouble(PythonNumbers.text(number)))
          .as("seed " + seed)
          .isEqualTo(number);
    }
  }

  /// Where there is a Python, it is asked.
  @Test
  void thousandsOfValuesAreWrittenAsPythonWritesThem(@TempDir Path folder)
      throws IOException, InterruptedException {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    var input = new ArrayList<String>();
    for (int i = 0; i < 6_000; i++) {
      input.add(i < 200 ? String.valueOf(i * Double.MIN_VALUE) : json.value(4));
    }
    var in = Files.write(folder.resolve("in"), input, StandardCharsets.UTF_8);
    var out = folder.resolve("out");
    var script =
        """
        import json, sys
        for line in open(sys.argv[1], encoding='utf-8', newline='\\n'):
            print(json.dumps(json.loads(line), sort_keys=True))
        """;
    assumeTrue(python(script, in, out), "there is no python3 here");
    assertThat(Files.readAllLines(out, StandardCharsets.UTF_8))
        .as("seed " + seed)
        .isEqualTo(input.stream().map(CanonicalJsonTest::canonical).toList());
  }

  private static boolean python(String script, Path in, Path out)
      throws IOException, InterruptedException {
    try {
      var process =
          new ProcessBuilder("python3", "-c", script, in.toString())
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException notInstalled) {
      return false;
    }
  }

  @Test
  void damagedJsonFailsAsJsonOrIsWritten() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 3_000; i++) {
      anyJsonIsWrittenAndWritesItselfAgain(json.damaged(WireFrame.bytes(json.object(3))));
    }
  }

  @FuzzTest
  void anyJsonIsWrittenAndWritesItselfAgain(byte[] bytes) {
    if (Json.kindOf(bytes) == null) {
      return;
    }
    var once = CanonicalJson.of(bytes);
    if (WireFrame.text(once).contains("Infinity")) {
      return; // which is Python, and no JSON
    }
    try {
      assertThat(CanonicalJson.of(once)).isEqualTo(once);
    } catch (JacksonException broken) {
      throw new AssertionError(WireFrame.text(once), broken);
    }
  }
}
