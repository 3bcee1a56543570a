package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WordTokenizerTest {
  private static final Pattern WORDS = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);

  static Stream<Arguments> texts() {
    return Stream.of(
        arguments("", List.of()),
        arguments(" \t\n", List.of()),
        arguments("one", List.of("one")),
        arguments("Don't,", List.of("don", "t")),
        arguments("(E-Mail)", List.of("e", "mail")),
        arguments("snake_case __x__", List.of("snake_case", "__x__")),
        arguments("@[`{ AZaz09", List.of("azaz09")),
        // spaces that are not ASCII, and the one that is no space
        arguments("a\u00A0b\u2007c\u202Fd\u3000e\u0085f", List.of("a", "b", "c", "d", "e", "f")),
        arguments("a\u200Bb", List.of("a", "b")),
        arguments("a\u200Cb\u200Dc", List.of("a\u200Cb\u200Dc")),
        // lower case that is longer, depends on the neighbours, or does not exist
        arguments("\u0130X", List.of("i\u0307x")),
        arguments("\u039F\u03A3 \u03A3\u039F", List.of("\u03BF\u03C2", "\u03C3\u03BF")),
        arguments("STRASSE stra\u00DFe \u1E9E", List.of("strasse", "stra\u00DFe", "\u00DF")),
        // marks, digits of other scripts, connectors, letter-like symbols
        arguments("e\u0301te\u0301", List.of("e\u0301te\u0301")),
        arguments("\u0301", List.of("\u0301")),
        arguments("\u20DDx", List.of("\u20DDx")),
        arguments("\u0663\u0664 \u096B", List.of("\u0663\u0664", "\u096B")),
        arguments("a\u203Fb", List.of("a\u203Fb")),
        arguments("\u2167 \u24B6", List.of("\u2177", "\u24D0")),
        // numbers that are no decimal digits are no word characters
        arguments("x\u00B2y \u00BD \u2460", List.of("x", "y")),
        // beyond the first plane
        arguments("\uD83D\uDE00", List.of()),
        arguments("a\uD83D\uDE00b", List.of("a", "b")),
        arguments("\uD801\uDC00\uD801\uDC28", List.of("\uD801\uDC28\uD801\uDC28")),
        arguments("\uD835\uDFCE\uD835\uDFCF", List.of("\uD835\uDFCE\uD835\uDFCF")),
        arguments("\uD840\uDC00x", List.of("\uD840\uDC00x")),
        // halves of pairs
        arguments("a\uD83Db", List.of("a", "b")),
        arguments("\uDC00a\uD801", List.of("a")),
        arguments("\uD801\uD801\uDC28", List.of("\uD801\uDC28")),
        // scripts without spaces
        arguments(
            "\u65E5\u672C\u8A9E\u3002\u6F22\u5B57", List.of("\u65E5\u672C\u8A9E", "\u6F22\u5B57")));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void wordsAreTheLongestRunsOfWordCharactersInLowerCase(String text, List<String> words) {
    assertThat(WordTokenizer.words(text)).isEqualTo(words);
  }

  @Test
  void oneCursorServesManyTextsAlsoVeryLongOnes() {
    var tokenizer = new WordTokenizer();
    var long1 = "Word ".repeat(100_000);
    for (var text : List.of("a b c", long1, "", "Z\u00C4", long1.substring(0, 70_000), "x")) {
      tokenizer.reset(text);
      int count = 0;
      while (tokenizer.next()) {
        count++;
      }
      assertThat(count).isEqualTo(naive(text).size());
      assertThat(tokenizer.next()).as("after the end").isFalse();
    }
  }

  @Test
  void anyTextSplitsAsTheStandardsWordClassSays() {
    long seed = 20_260_722;
    var random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      var text = randomText(random);
      assertThat(WordTokenizer.words(text))
          .as("seed %d, round %d: %s", seed, round, escaped(text))
          .isEqualTo(naive(text));
    }
  }

  @Test
  void everyCodePointIsClassedAsTheStandardSays() {
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      var text = "a" + Character.toString(codePoint) + "b";
      boolean inside = WordTokenizer.words(text).size() == 1;
      if (inside != (naive(text).size() == 1)) {
        throw new AssertionError("U+" + Integer.toHexString(codePoint));
      }
      codePoint += codePoint < 0x20000 ? 0 : 37; // the upper planes by sample
    }
  }

  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Models.makeTemporaryFolder();
  }

  @FuzzTest
  void noTextIsTooStrange(FuzzedDataProvider data) {
    var text = data.consumeRemainingAsString();
    assertThat(WordTokenizer.words(text)).isEqualTo(naive(text));
  }

  private static List<String> naive(String text) {
    return WORDS.matcher(text.toLowerCase(Locale.ROOT)).results().map(MatchResult::group).toList();
  }

  private static String randomText(Random random) {
    var text = new StringBuilder();
    int length = random.nextInt(40);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(6)) {
        case 0 -> text.append((char) random.nextInt(0x10000)); // halves of pairs too
        case 1 -> text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
        case 2 -> text.append((char) random.nextInt(0x600));
        case 3 -> text.append(' ');
        default -> text.append((char) (0x20 + random.nextInt(0x5F)));
      }
    }
    return text.toString();
  }

  private static String escaped(String text) {
    var escaped = new StringBuilder();
    text.chars().forEach(c -> escaped.append(String.format(Locale.ROOT, "%04x ", c)));
    return escaped.toString();
  }
}
