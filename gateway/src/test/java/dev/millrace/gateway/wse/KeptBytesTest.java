package dev.millrace.gateway.wse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeptBytesTest {
  private static final KeptSubscriptions KEPT =
      new KeptSubscriptions(
          List.of("a", "ü\"*"),
          Map.of(
              "b",
              new SubscribeOptions("{\"x\":{\"$gt\":1}}", "q", false, Map.of(), null, 0),
              "c",
              new SubscribeOptions(null, null, false, Map.of(), "{\"here\":true}", 100)),
          Map.of("a", "gA"));

  @Test
  void whatOneInstanceWritesAnotherReads() {
    assertThat(KeptBytes.read(KeptBytes.of(KEPT))).isEqualTo(KEPT);
    var none = new KeptSubscriptions(List.of(), Map.of(), Map.of());
    assertThat(KeptBytes.read(KeptBytes.of(none))).isEqualTo(none);
  }

  @Test
  void whatIsNoneIsRefused() {
    for (var wrong :
        List.of(
            "",
            "[]",
            "{}",
            "{\"topics\":{},\"others\":{}}",
            "{\"topics\":[1],\"others\":{}}",
            "{\"topics\":[],\"others\":{\"a\":1}}",
            "{\"topics\":[],\"others\":{},\"tokens\":{\"a\":1}}",
            "{\"topics\":[],\"others\":{\"a\":{\"queue\":7}}}",
            "{\"topics\":[" + "\"a\",".repeat(10_000) + "\"a\"],\"others\":{}}")) {
      assertThat(KeptBytes.read(wrong.getBytes(StandardCharsets.UTF_8))).as(wrong).isNull();
    }
  }

  @Test
  void someTopicsCanBeLeftOut() {
    var rest = KEPT.without(Set.of("a", "b"));
    assertThat(rest.plain()).containsExactly("ü\"*");
    assertThat(rest.others()).containsOnlyKeys("c");
    assertThat(rest.tokens()).isEmpty();
    assertThat(KEPT.without(Set.of())).isEqualTo(KEPT);
  }

  @Test
  void mutatedBytesAreReadOrRefused() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    var whole = KeptBytes.of(KEPT);
    for (int i = 0; i < 5_000; i++) {
      var mutated = Arrays.copyOf(whole, random.nextInt(whole.length + 1));
      if (random.nextInt(4) > 0) {
        mutated = whole.clone();
      }
      for (int n = random.nextInt(4); n > 0 && mutated.length > 0; n--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
      }
      try {
        bytesAreReadOrRefused(mutated);
      } catch (RuntimeException | AssertionError wrong) {
        throw new AssertionError("seed " + seed + ", step " + i, wrong);
      }
    }
  }

  @FuzzTest
  void bytesAreReadOrRefused(byte[] bytes) {
    var read = KeptBytes.read(bytes);
    if (read != null) {
      assertThat(KeptBytes.read(KeptBytes.of(read))).isEqualTo(read);
    }
  }
}
