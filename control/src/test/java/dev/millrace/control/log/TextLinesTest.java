package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class TextLinesTest {
  @Test
  void aLineForATerminalHasTheTimeOfDayAndAColouredLevel() {
    assertThat(line(TextLines.forTerminal(true), Level.WARN))
        .matches("\\d\\d:\\d\\d:07\\.123 \u001b\\[33mWARN\u001b\\[0m  hub hello a=1 \\[req-1]\n");
    for (var level : Level.values()) {
      assertThat(line(TextLines.forTerminal(true), level)).contains("\u001b[");
      assertThat(line(TextLines.forTerminal(false), level)).doesNotContain("\u001b");
    }
  }

  @Test
  void aLineForAFileHasTheDate() {
    assertThat(line(TextLines.forFile(), Level.ERROR))
        .isEqualTo("2026-03-01T12:00:07.123456Z ERROR hub hello a=1 [req-1]\n");
  }

  private static String line(TextLines form, Level level) {
    var out = new StringBuilder();
    var record =
        new LogRecord(
            Instant.parse("2026-03-01T12:00:07.123456789Z"),
            level,
            "hub",
            Clipped.of("hello", 100),
            Clipped.of("req-1", 100),
            List.of(LogRecord.Field.of("a", 1, 100)),
            null);
    form.write(record, Redactor.of(List.of()), out);
    return out.toString();
  }
}
