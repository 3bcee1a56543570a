package dev.millrace.classify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VocabularyTest {

  @Test
  void findsWhatAMapWouldFind() {
    long seed = 4_711;
    var random = new Random(seed);
    var vocabulary = new Vocabulary();
    Map<String, Integer> naive = new LinkedHashMap<>();
    for (int step = 0; step < 50_000; step++) {
      var word = randomWord(random);
      var as = "seed " + seed + ", step " + step + ", word " + word;
      if (random.nextBoolean()) {
        var known = naive.putIfAbsent(word, naive.size());
        assertThat(vocabulary.add(word))
            .as(as)
            .isEqualTo(known == null ? naive.size() - 1 : known.intValue());
      } else {
        var padded = ("<<" + word + ">").toCharArray();
        assertThat(vocabulary.find(padded, 2, 2 + word.length()))
            .as(as)
            .isEqualTo(naive.getOrDefault(word, -1).intValue());
      }
      assertThat(vocabulary.size()).as(as).isEqualTo(naive.size());
    }
    naive.forEach((word, number) -> assertThat(vocabulary.word(number)).isEqualTo(word));
  }

  @Test
  void theEmptyWordAndWordsOfOneHashAreApart() {
    var vocabulary = new Vocabulary();
    assertThat(vocabulary.find(new char[0], 0, 0)).isEqualTo(-1);
    assertThat(vocabulary.add("Aa")).isZero();
    assertThat(vocabulary.add("BB")).isEqualTo(1); // the same sum of characters
    assertThat(vocabulary.add("")).isEqualTo(2);
    assertThat(vocabulary.find("xBB".toCharArray(), 1, 3)).isEqualTo(1);
    assertThat(vocabulary.find("x".toCharArray(), 1, 1)).isEqualTo(2);
  }

  private static String randomWord(Random random) {
    var word = new StringBuilder();
    int length = random.nextInt(4);
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return random.nextInt(50) == 0 ? word.toString().repeat(40) : word.toString();
  }
}
