package dev.millrace.gateway.wse.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MomentsTest {
  private static long millis(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  @Test
  void everyFormThatClientsWriteIsRead() {
    long expected = millis("2026-02-20T15:30:00.123Z");
    for (var text :
        List.of(
            "2026-02-20T15:30:00.123Z",
            "2026-02-20T15:30:00.123456Z",
            "2026-02-20T15:30:00.123456+00:00",
            "2026-02-20T15:30:00.123456789123-00:00",
            "2026-02-20T17:00:00.123+01:30",
            "2026-02-20T10:00:00.1239-0530",
            "2026-02-20t15:30:00.123z",
            "2026-02-20 15:30:00,123Z",
            "2026-02-20T15:30:00.123456")) {
      assertThat(Moments.parse(text)).as(text).hasValue(expected);
    }
    assertThat(Moments.parse("2026-02-20T15:30:00Z")).hasValue(expected - 123);
    assertThat(Moments.parse("2026-02-20T15:30:00.1Z")).hasValue(expected - 23);
    assertThat(Moments.parse("2016-12-31T23:59:60Z")).hasValue(millis("2017-01-01T00:00:00Z"));
    assertThat(Moments.parse("0000-03-01T00:00:00Z")).hasValue(millis("0000-03-01T00:00:00Z"));
    assertThat(Moments.parse("1969-12-31T23:59:59.999Z")).hasValue(-1);
  }

  @Test
  void whatIsNoMomentIsNotRead() {
    for (var text :
        List.of(
            "",
            "2026-02-20",
            "2026-02-20T15:30Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1:00",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60",
            "2026-01-01T00:00:00+01:0x",
            "2026-01-01T00:00:00ZZ",
            "2026-01-01T00:00:00Q",
            "2026-01-01X00:00:00Z",
            "2026/01/01T00:00:00Z",
            "+026-01-01T00:00:00Z",
            "２026-01-01T00:00:00Z")) {
      assertThat(Moments.parse(text)).as(text).isEqualTo(OptionalLong.empty());
    }
  }

  @Test
  void everyMomentReadsBackAsItWasWritten() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long moment = random.nextLong(253_402_300_800_000L);
      assertThat(Moments.parse(Timestamps.text(moment))).as("seed " + seed).hasValue(moment);
      long ancient = -random.nextLong(62_135_596_800_000L);
      var text = LocalDateTime.ofInstant(Instant.ofEpochMilli(ancient), ZoneOffset.UTC).toString();
      if (text.length() >= 19) {
        assertThat(Moments.parse(text)).as(text + ", seed " + seed).hasValue(ancient);
      }
    }
  }

  @Test
  void damagedMomentsNeverFail() {
    long seed = new Random().nextLong();
    var json = new RandomJson(new Random(seed));
    for (int i = 0; i < 10_000; i++) {
      anyTextIsReadWithoutFailing(json.damaged(WireFrame.bytes("2026-02-20T15:30:00.12+01:30")));
    }
  }

  @FuzzTest
  void anyTextIsReadWithoutFailing(byte[] bytes) {
    assertThat(Moments.parse(new String(bytes, StandardCharsets.ISO_8859_1))).isNotNull();
  }
}
