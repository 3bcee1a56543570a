package dev.millrace.core.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TagsTest {
  private static final List<SampleTag> TAGS = List.of(tag(0, "a"), tag(5, "b"), tag(9, "c"));

  @Test
  void aNodeThatKeepsTheRateKeepsTheNotesWithoutHelp() {
    var samples = Samples.of("x", new double[10]).withTags(TAGS);
    assertThat(samples.with("y", new double[10]).tags()).isEqualTo(TAGS);
    assertThat(samples.replaced(new SampleBuffer[1]).tags()).isEqualTo(TAGS);
    assertThat(samples.detach().tags()).isEqualTo(TAGS);
  }

  @Test
  void aNoteStaysAtItsPlaceWhenTheRateChanges() {
    assertThat(Tags.scaled(TAGS, 10, 5)).containsExactly(tag(0, "a"), tag(2, "b"), tag(4, "c"));
    assertThat(Tags.scaled(TAGS, 10, 20)).containsExactly(tag(0, "a"), tag(10, "b"), tag(18, "c"));
    assertThat(Tags.scaled(TAGS, 10, 1)).extracting(SampleTag::offset).containsOnly(0);
    assertThat(Tags.scaled(TAGS, 6, 6)).containsExactly(tag(0, "a"), tag(5, "b"));
    assertThat(Tags.scaled(TAGS, 10, 0)).isEmpty();
  }

  @Test
  void cuttingAStreamAndJoiningItAgainLosesNoNote() {
    for (long seed = 1; seed <= 500; seed++) {
      var random = new Random(seed);
      int length = 1 + random.nextInt(100);
      var tags = new ArrayList<SampleTag>();
      for (int at = 0; at < length; at += 1 + random.nextInt(10)) {
        tags.add(tag(at, "t" + at));
      }
      int cut = random.nextInt(length + 1);
      var joined = new ArrayList<>(Tags.slice(tags, 0, cut));
      joined.addAll(Tags.shifted(Tags.slice(tags, cut, length), cut));
      assertThat(joined).as("seed " + seed).isEqualTo(tags);
    }
  }

  @Test
  void thePolicySaysWhichInputsNotesAnOutputGets() {
    var inputs = List.of(TAGS, List.of(tag(5, "d")));
    assertThat(Tags.of(Tags.Policy.ALL_TO_ALL, inputs, 7))
        .containsExactly(tag(0, "a"), tag(5, "b"), tag(5, "d"), tag(9, "c"));
    assertThat(Tags.of(Tags.Policy.ONE_TO_ONE, inputs, 1)).containsExactly(tag(5, "d"));
    assertThat(Tags.of(Tags.Policy.ONE_TO_ONE, inputs, 2)).isEmpty();
    assertThat(Tags.of(Tags.Policy.NONE, inputs, 0)).isEmpty();
  }

  private static SampleTag tag(int offset, String key) {
    return new SampleTag(offset, key, "v");
  }
}
