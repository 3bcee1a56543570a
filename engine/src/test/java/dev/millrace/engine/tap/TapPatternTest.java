package dev.millrace.engine.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TapPatternTest {

  @Test
  void aNameMeansANodeAndAnArrowAnEdge() {
    assertThat(TapPattern.parse("gain*").matchesNode("gain-2")).isTrue();
    assertThat(TapPattern.parse("gain*").matchesEdge("gain-2", "sink")).isFalse();
    assertThat(TapPattern.parse(" gain? -> * ").matchesEdge("gain2", "sink")).isTrue();
    assertThat(TapPattern.parse("gain?->s*k").matchesEdge("gain", "sink")).isFalse();
    assertThat(TapPattern.parse("a->b").matchesNode("a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "->", "a->", "->b"})
  void aPatternWithoutANameIsRefused(String text) {
    assertThatThrownBy(() -> TapPattern.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("names no node");
  }

  @Test
  void starsAndQuestionMarksMatchAsInARegularExpression() {
    for (long seed = 1; seed <= 20_000; seed++) {
      var random = new Random(seed);
      var pattern = text(random, "ab*?", 6);
      var name = text(random, "ab", 8);
      var regex = Pattern.compile(pattern.replace("*", ".*").replace("?", "."), Pattern.DOTALL);
      assertThat(TapPattern.parse(pattern).matchesNode(name))
          .as("seed %s: %s on %s", seed, pattern, name)
          .isEqualTo(regex.matcher(name).matches());
    }
  }

  @Test
  void manyStarsTakeNoLongTime() {
    var pattern = TapPattern.parse("*a".repeat(1_000) + "b");
    assertThat(pattern.matchesNode("a".repeat(10_000))).isFalse();
  }

  private static String text(Random random, String letters, int most) {
    var text = new StringBuilder();
    for (int i = 1 + random.nextInt(most); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
