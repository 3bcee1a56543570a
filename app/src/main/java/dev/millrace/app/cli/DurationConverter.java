package dev.millrace.app.cli;

import dev.millrace.core.spec.Durations;
import java.time.Duration;
import picocli.CommandLine;

/// `30s`, `2m`.
public final class DurationConverter implements CommandLine.ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    return Durations.parse(text)
        .orElseThrow(
            () ->
                new CommandLine.TypeConversionException(
                    "write a duration such as 20s or 2m, not " + text));
  }
}
