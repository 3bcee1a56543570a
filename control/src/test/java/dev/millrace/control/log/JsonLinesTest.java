package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JsonLinesTest {
  @Test
  void numbersAndBooleansStayWhatTheyAre() {
    try (var log = new LogFixture()) {
      log.logger()
          .atInfo()
          .addKeyValue("int", 7)
          .addKeyValue("long", -9_000_000_000L)
          .addKeyValue("byte", (byte) 1)
          .addKeyValue("short", (short) 2)
          .addKeyValue("float", 1.5f)
          .addKeyValue("double", 1e300)
          .addKeyValue("nan", Double.NaN)
          .addKeyValue("big", new BigDecimal("12.340"))
          .addKeyValue("bigger", BigInteger.TWO.pow(100))
          .addKeyValue("huge", BigInteger.TWO.pow(5_000))
          .addKeyValue("flag", true)
          .addKeyValue("nothing", (Object) null)
          .addKeyValue("counter", new AtomicLong(3))
          .log("numbers");
      log.records(1);
      assertThat(log.sink.text())
          .contains("\"int\":7,\"long\":-9000000000,\"byte\":1,\"short\":2,\"float\":1.5")
          .contains("\"double\":1.0E300,\"nan\":\"NaN\",\"big\":12.340,")
          .contains("\"bigger\":1267650600228229401496703205376,\"huge\":\"1412")
          .contains("\"flag\":true,\"nothing\":null,\"counter\":\"3\"");
    }
  }

  @Test
  void aFieldWhoseNameIsTakenIsSetApart() {
    try (var log = new LogFixture()) {
      log.logger()
          .atInfo()
          .addKeyValue("level", "mine")
          .addKeyValue("level", "again")
          .addKeyValue("msg_", 1)
          .addKeyValue("msg", 2)
          .log("text");
      var record = log.records(1).getFirst();
      assertThat(record.get("level").stringValue()).isEqualTo("info");
      assertThat(record.get("level_").stringValue()).isEqualTo("mine");
      assertThat(record.get("level__").stringValue()).isEqualTo("again");
      assertThat(record.get("msg_").intValue()).isEqualTo(1);
      assertThat(record.get("msg__").intValue()).isEqualTo(2);
    }
  }

  @Test
  void fieldsBeyondSixtyFourAreCounted() {
    try (var log = new LogFixture()) {
      var event = log.logger().atInfo();
      for (int i = 0; i < 70; i++) {
        event = event.addKeyValue("k" + "x".repeat(200) + i, i);
      }
      event.log("many");
      var record = log.records(1).getFirst();
      assertThat(record.get("fields_left_out").intValue()).isEqualTo(6);
      assertThat(record.size()).isEqualTo(4 + 64 + 1);
    }
  }

  @Test
  void whatWasThrownIsThereWithItsCauses() {
    try (var log = new LogFixture()) {
      var failure = new IOException("outer", new IllegalStateException("inner"));
      failure.addSuppressed(new IllegalArgumentException("while closing"));
      log.logger().error("failed", failure);
      var error = log.records(1).getFirst().get("error");
      assertThat(error.get("type").stringValue()).isEqualTo("java.io.IOException");
      assertThat(error.get("message").stringValue()).isEqualTo("outer");
      assertThat(error.get("stack").stringValue())
          .startsWith("java.io.IOException: outer\n\tat dev.millrace.control.log.JsonLinesTest.")
          .contains("\n\tSuppressed: java.lang.IllegalArgumentException: while closing\n\t\tat ")
          .contains("\nCaused by: java.lang.IllegalStateException: inner\n\t")
          .containsPattern("\n\t\\.\\.\\. \\d+ more");
    }
  }

  @Test
  void causesThatRunInACircleEnd() {
    try (var log = new LogFixture()) {
      var one = new IllegalStateException("one");
      one.initCause(new IllegalStateException("two", one));
      log.logger().error("failed", one);
      assertThat(log.records(1).getFirst().get("error").get("stack").stringValue())
          .contains("Caused by: java.lang.IllegalStateException: two")
          .contains("Caused by: java.lang.IllegalStateException: one (see above)");
    }
  }

  @Test
  void aLongStackIsCut() {
    try (var log = new LogFixture()) {
      Exception failure = new IllegalStateException("x".repeat(20_000));
      for (int i = 0; i < 60; i++) {
        failure = new IllegalStateException("y".repeat(1_000) + i, failure);
      }
      log.logger().error("failed", failure);
      var stack = log.records(1).getFirst().get("error").get("stack").stringValue();
      assertThat(stack).hasSize(StackText.MAX_CHARS).endsWith("\n\t…(cut)");
    }
  }

  @Test
  void somethingThrownWithoutMessageOrFramesIsNamed() {
    try (var log = new LogFixture()) {
      var bare = new IllegalStateException();
      bare.setStackTrace(new StackTraceElement[0]);
      log.logger().error("failed", bare);
      var error = log.records(1).getFirst().get("error");
      assertThat(error.has("message")).isFalse();
      assertThat(error.get("stack").stringValue()).isEqualTo("java.lang.IllegalStateException");
    }
  }
}
