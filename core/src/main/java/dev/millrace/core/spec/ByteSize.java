package dev.millrace.core.spec;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// A number of bytes: `4096`, `64KB`, `1MiB`. `KB`, `MB`, `GB` count in powers of 1,000, `KiB`,
/// `MiB`, `GiB` in powers of 1,024.
public record ByteSize(long bytes) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([KMG]i?)?B?");

  public static Optional<ByteSize> parse(String text) {
    var match = FORM.matcher(text.strip());
    if (!match.matches()) {
      return Optional.empty();
    }
    long unit =
        switch (match.group(2)) {
          case null -> 1;
          case "K" -> 1_000;
          case "Ki" -> 1L << 10;
          case "M" -> 1_000_000;
          case "Mi" -> 1L << 20;
          case "G" -> 1_000_000_000;
          default -> 1L << 30;
        };
    try {
      return Optional.of(new ByteSize(Math.multiplyExact(Long.parseLong(match.group(1)), unit)));
    } catch (ArithmeticException tooLarge) {
      return Optional.empty();
    }
  }

  /// The size as an `int`, for buffers.
  public int toIntExact() {
    return Math.toIntExact(bytes);
  }

  @Override
  public String toString() {
    for (int shift = 30; shift > 0; shift -= 10) {
      if (bytes >= 1L << shift && bytes % (1L << shift) == 0) {
        return String.format(
            Locale.ROOT, "%d%sB", bytes >> shift, shift == 30 ? "Gi" : shift == 20 ? "Mi" : "Ki");
      }
    }
    return bytes + "B";
  }
}
