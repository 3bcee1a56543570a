package dev.millrace.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private final SamplePool pool = new SamplePool(4, true);

  @Test
  void channelsStandInTheOrderOfTheirCodePoints() {
    var outsideTheBasicPlane = "\uD83C\uDFB5";
    var samples =
        Samples.of(Map.of("b", new double[] {1}, "\uFFFD", new double[0], "a", new double[2]))
            .with(outsideTheBasicPlane, new double[3]);
    assertThat(samples.channels().keySet())
        .containsExactly("a", "b", "\uFFFD", outsideTheBasicPlane);
    assertThat(samples.count()).isEqualTo(4);
    assertThat(samples.name(3)).isEqualTo(outsideTheBasicPlane);
    assertThat(samples.channel("b")).containsExactly(1);
    assertThat(samples.channel("c")).isNull();
    assertThat(samples.indexOf("a")).isZero();
    assertThat(samples)
        .hasToString("Samples[a: 2, b: 1, \uFFFD: 0, " + outsideTheBasicPlane + ": 3]");
  }

  @Test
  void whatIsChangedIsAnotherFrameAndSharesTheOtherArrays() {
    var kept = new double[] {1, 2};
    var before = Samples.of(Map.of("kept", kept, "changed", new double[] {3}));
    var after = before.with("changed", new double[] {4}).with("more", pool.take(1));
    assertThat(before.channel("changed")).containsExactly(3);
    assertThat(after.channel("changed")).containsExactly(4);
    assertThat(after.channel("kept")).isSameAs(kept);
    assertThat(after.lent()).isTrue();
    assertThat(before.lent()).isFalse();
  }

  @Test
  void onlyWhatIsGivenIsReplaced() {
    var before = Samples.of(Map.of("a", new double[] {1}, "b", new double[] {2}));
    var fresh = pool.take(1);
    fresh.array()[0] = 9;
    var after = before.replaced(new SampleBuffer[] {null, fresh});
    assertThat(after.channel("a")).isSameAs(before.channel("a"));
    assertThat(after.channel("b")).containsExactly(9);
    assertThatThrownBy(() -> before.replaced(new SampleBuffer[1]))
        .hasMessage("1 arrays for 2 channels");
  }

  @Test
  void samplesAreEqualByContentAndNaNEqualsItself() {
    var one = Samples.of("x", new double[] {Double.NaN, -0.0});
    assertThat(one).isEqualTo(Samples.of("x", new double[] {Double.NaN, -0.0}));
    assertThat(one).hasSameHashCodeAs(Samples.of("x", new double[] {Double.NaN, -0.0}));
    assertThat(one).isNotEqualTo(Samples.of("x", new double[] {Double.NaN, 0.0}));
    assertThat(one).isNotEqualTo(one.withTags(List.of(new SampleTag(1, "k", "v"))));
    assertThat(one).isNotEqualTo(Samples.of("y", new double[] {Double.NaN, -0.0}));
  }

  @Test
  void tagsAreSortedByOffsetAndStayWithTheFrame() {
    var late = new SampleTag(7, "late", "");
    var early = new SampleTag(2, "early", "");
    var samples = Samples.of("x", new double[8]).withTags(List.of(late, early));
    assertThat(samples.with("y", new double[8]).tags()).containsExactly(early, late);
    assertThatThrownBy(() -> new SampleTag(-1, "", "")).hasMessage("offset -1 < 0");
  }

  @Test
  void anArrayGoesBackWhenItsLastHolderLetsGoAndIsUsedAgain() {
    var buffer = pool.take(3);
    var array = buffer.array();
    var frame = Frame.trigger(0, 0).withBody(Samples.of("x", buffer));
    var samples = (Samples) frame.body();
    samples.retain();
    samples.retain();
    samples.release();
    array[0] = 1;
    assertThat(pool.idle()).isZero();
    var copy = frame.detach();
    samples.release();
    assertThat(pool.idle()).isEqualTo(1);
    assertThat(array).containsOnly(Double.NaN);
    assertThat(((Samples) copy.body()).channel("x")).containsExactly(1, 0, 0);
    assertThat(copy.detach()).isSameAs(copy);
    assertThat(pool.take(3).array()).isSameAs(array);
    assertThat(pool.made()).isEqualTo(1);
    assertThat(pool.inUse()).isEqualTo(1);
  }

  @Test
  void whatNobodyEmittedGoesBackOnceByClosing() {
    var buffer = pool.take(2);
    buffer.close();
    buffer.close();
    assertThat(pool.idle()).isEqualTo(1);
    assertThatThrownBy(buffer::array).hasMessageContaining("gone back");
    assertThatThrownBy(buffer::retain).hasMessageContaining("gone back");
    assertThatThrownBy(buffer::release).hasMessageContaining("more often than held");
    assertThat(pool.idle()).isEqualTo(1);
  }

  @Test
  void closingDoesNothingWhileSomebodyHoldsIt() {
    var buffer = pool.take(2);
    buffer.retain();
    buffer.close();
    assertThat(pool.idle()).isZero();
    buffer.release();
    assertThat(pool.idle()).isEqualTo(1);
  }

  @Test
  void aPoolKeepsSoManyArraysOfSoManyLengthsAndNoMore() {
    var many = new java.util.ArrayList<SampleBuffer>();
    for (int i = 0; i < 10; i++) {
      many.add(pool.take(8));
    }
    many.forEach(SampleBuffer::close);
    assertThat(pool.idle()).isEqualTo(4);
    for (int length = 100; length < 200; length++) {
      pool.take(length).close();
    }
    assertThat(pool.idle()).isLessThanOrEqualTo(4 + 15);
    assertThat(pool.inUse()).isZero();
    assertThatThrownBy(() -> new SamplePool(-1, false)).hasMessage("maxIdle -1 < 0");
  }

  @Test
  void ofLongArraysFewWait() {
    var roomy = new SamplePool(1_024, false);
    var many = new java.util.ArrayList<SampleBuffer>();
    for (int i = 0; i < 5; i++) {
      many.add(roomy.take(1 << 21));
    }
    many.forEach(SampleBuffer::close);
    assertThat(roomy.idle()).isEqualTo(2);
  }

  @Test
  void aLengthThatNobodyTakesAnyMoreMakesRoomForAnother() {
    for (int length = 1; length <= 100; length++) {
      pool.take(length).close();
      pool.take(7).close();
    }
    long made = pool.made();
    for (int i = 0; i < 100; i++) {
      pool.take(1_000).close();
      pool.take(7).close();
    }
    assertThat(pool.made() - made).isLessThan(5);
  }

  @Test
  void namesAreComparedByCodePointsBesideANaiveComparison() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int[] points = {'a', 'b', 0x00E9, 0xFFFD, 0x1F600, 0x10FFFF};
    for (int i = 0; i < 5_000; i++) {
      var pair = new String[2];
      for (int side = 0; side < 2; side++) {
        var text = new StringBuilder();
        for (int left = random.nextInt(4); left > 0; left--) {
          text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        pair[side] = text.toString();
      }
      int naive = Arrays.compare(pair[0].codePoints().toArray(), pair[1].codePoints().toArray());
      assertThat(Integer.signum(Samples.BY_CODE_POINT.compare(pair[0], pair[1])))
          .as("seed %d: %s and %s", seed, pair[0], pair[1])
          .isEqualTo(Integer.signum(naive));
    }
  }

  @Test
  void preparedArraysNeedNotBeMadeLater() {
    pool.prepare(16, 100);
    assertThat(pool.idle()).isEqualTo(4);
    long made = pool.made();
    pool.take(16).close();
    assertThat(pool.made()).isEqualTo(made);
  }

  @Test
  void holdersOnManyThreadsNeverShareAnArrayThatWentBack() throws Exception {
    var shared = new SamplePool(64, true);
    long seed = System.nanoTime();
    try (var threads = Executors.newFixedThreadPool(4)) {
      var all = new java.util.ArrayList<java.util.concurrent.Future<Boolean>>();
      for (int t = 0; t < 4; t++) {
        int mine = t;
        all.add(
            threads.submit(
                () -> {
                  var random = new Random(seed + mine);
                  for (int i = 0; i < 20_000; i++) {
                    var buffer = shared.take(1 + random.nextInt(3));
                    var samples = Samples.of("x", buffer);
                    samples.retain();
                    buffer.array()[0] = mine;
                    samples.retain();
                    samples.release();
                    if (buffer.array()[0] != mine) {
                      return false;
                    }
                    samples.release();
                  }
                  return true;
                }));
      }
      for (var one : all) {
        assertThat(one.get()).as("seed %d", seed).isTrue();
      }
    }
    assertThat(shared.inUse()).isZero();
  }
}
