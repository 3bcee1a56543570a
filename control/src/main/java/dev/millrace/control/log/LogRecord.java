package dev.millrace.control.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.millrace.core.trace.Correlation;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// One record on its way to the log. Its texts are those of the moment it was logged, cut but not
/// yet cleaned: no secret has been masked, nothing escaped. Immutable.
record LogRecord(
    Instant at,
    Level level,
    String target,
    Clipped message,
    @Nullable Clipped requestId,
    List<Field> fields,
    @Nullable Thrown thrown) {
  private static final int MAX_FIELDS = 64;
  static final int MAX_KEY_CHARS = 128;
  private static final int MAX_NUMBER_BITS = 1_024; // larger ones are not worth a number's text
  private static final int OVERHEAD_CHARS = 128;

  /// A named value. A `literal` is a number, a boolean or null and goes without quotes. Of the key,
  /// too, more is kept than the [#MAX_KEY_CHARS] a log shows.
  record Field(String key, Clipped value, boolean literal) {
    static Field of(String key, @Nullable Object value, int keep) {
      return new Field(
          Clipped.of(key, keep).text(), Clipped.of(MessageText.of(value), keep), isLiteral(value));
    }

    private static boolean isLiteral(@Nullable Object value) {
      return switch (value) {
        case null -> true;
        case Boolean flag -> true;
        case Byte number -> true;
        case Short number -> true;
        case Integer number -> true;
        case Long number -> true;
        case Float number -> Float.isFinite(number);
        case Double number -> Double.isFinite(number);
        case BigInteger number -> number.bitLength() <= MAX_NUMBER_BITS;
        case BigDecimal number -> number.unscaledValue().bitLength() <= MAX_NUMBER_BITS;
        default -> false;
      };
    }
  }

  /// Takes from `event` what the log needs, on the thread that logs. `keep` is how much of each
  /// text may be kept, in characters.
  static LogRecord of(ILoggingEvent event, Level level, int keep) {
    var id = Correlation.id();
    return new LogRecord(
        event.getInstant(),
        level,
        Target.of(event.getLoggerName()),
        MessageText.render(event.getMessage(), event.getArgumentArray(), keep),
        id == null ? null : Clipped.of(id, keep),
        fields(event, keep),
        Thrown.of(event.getThrowableProxy(), keep));
  }

  /// About how many characters this keeps in memory.
  int weight() {
    int weight = OVERHEAD_CHARS + message.text().length();
    for (var field : fields) {
      weight += field.key().length() + field.value().text().length();
    }
    return thrown == null ? weight : weight + thrown.weight();
  }

  static String label(Level level) {
    return level.name().toLowerCase(Locale.ROOT);
  }

  private static List<Field> fields(ILoggingEvent event, int keep) {
    var pairs = event.getKeyValuePairs();
    var context = event.getMDCPropertyMap();
    if ((pairs == null || pairs.isEmpty()) && (context == null || context.isEmpty())) {
      return List.of();
    }
    var fields = new ArrayList<Field>();
    if (pairs != null) {
      for (var pair : pairs) {
        fields.add(Field.of(String.valueOf(pair.key), pair.value, keep));
      }
    }
    if (context != null) {
      context.forEach((key, value) -> fields.add(Field.of(String.valueOf(key), value, keep)));
    }
    return fields.size() <= MAX_FIELDS ? fields : firstOf(fields);
  }

  private static List<Field> firstOf(List<Field> fields) {
    var first = new ArrayList<>(fields.subList(0, MAX_FIELDS));
    first.add(Field.of("fields_left_out", fields.size() - MAX_FIELDS, MAX_KEY_CHARS));
    return first;
  }
}
