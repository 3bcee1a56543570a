package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.MessageFormatter;

class MessageTextTest {
  private static final int KEEP = 10_000;

  @Test
  void anyPatternReadsAsItDoesWithSlf4j() {
    long seed = 20_261_123;
    var random = new Random(seed);
    var pieces = new String[] {"{}", "{", "}", "\\", "a", " ", "\\{}", "\\\\{}"};
    var values =
        new @Nullable Object[] {
          1, "text", null, new int[] {1, 2}, new Object[] {"x", new long[] {3}, null}, "{}", 2.5
        };
    for (int round = 0; round < 5_000; round++) {
      var pattern = new StringBuilder();
      for (int i = random.nextInt(8); i > 0; i--) {
        pattern.append(pieces[random.nextInt(pieces.length)]);
      }
      var arguments = new @Nullable Object[random.nextInt(4)];
      for (int i = 0; i < arguments.length; i++) {
        arguments[i] = values[random.nextInt(values.length)];
      }
      var expected = MessageFormatter.basicArrayFormat(pattern.toString(), arguments);
      assertThat(MessageText.render(pattern.toString(), arguments, KEEP).text())
          .as("seed %d, round %d: %s", seed, round, pattern)
          .isEqualTo(expected);
    }
  }

  @Test
  void onlyWhatMayBeKeptIsKept() {
    var text = MessageText.render("{}-{}", new Object[] {"a".repeat(70), "b".repeat(70)}, 100);
    assertThat(text.text()).isEqualTo("a".repeat(70) + "-" + "b".repeat(29));
    assertThat(text.length()).isEqualTo(141);
    assertThat(MessageText.render("{}", new Object[] {new byte[50_000_000]}, 100).text())
        .hasSize(100);
  }

  @Test
  void anArgumentThatCannotBePrintedIsNamed() {
    var bad =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no");
          }
        };
    assertThat(MessageText.render("a {} b", new Object[] {bad}, KEEP).text())
        .isEqualTo("a [toString failed: java.lang.IllegalStateException] b");
  }

  @Test
  void anArgumentOfAClassThatCannotBeLoadedCostsTheCallerNothing() {
    for (var defect : List.of(new NoClassDefFoundError("x"), new AssertionError("y"))) {
      var bad =
          new Object() {
            @Override
            public String toString() {
              throw defect;
            }
          };
      assertThat(MessageText.render("a {} b", new Object[] {bad}, KEEP).text())
          .isEqualTo("a [toString failed: " + defect.getClass().getName() + "] b");
    }
  }

  @Test
  void anArrayThatHoldsItselfEnds() {
    var array = new Object[1];
    array[0] = array;
    assertThat(MessageText.render("{}", new Object[] {array}, KEEP).text())
        .isEqualTo("[".repeat(8) + "[...]" + "]".repeat(8));
  }

  @Test
  void noMessageIsNull() {
    assertThat(MessageText.render(null, null, KEEP).text()).isEqualTo("null");
  }
}
