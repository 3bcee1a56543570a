package dev.millrace.gateway.wse.codec;

import dev.millrace.core.json.Json;
import java.util.Random;

/// JSON of every kind, from a seed.
public final class RandomJson {
  private static final String[] TEXTS = {
    "",
    "a",
    "value",
    "ä€",
    "\uD83D\uDE00",
    "\"\\/\b\f\n\r\t",
    "\u0001\u007f",
    "\uFFFD",
    "x".repeat(40)
  };

  private final Random random;

  public RandomJson(Random random) {
    this.random = random;
  }

  public String object(int depth) {
    var out = new StringBuilder("{");
    for (int i = random.nextInt(random.nextInt(8) == 0 ? 40 : 5); i > 0; i--) {
      out.append(Json.quote(text() + i)).append(':').append(value(depth - 1));
      out.append(i > 1 ? "," : "");
    }
    return out.append('}').toString();
  }

  public String value(int depth) {
    return switch (random.nextInt(depth > 0 ? 9 : 7)) {
      case 0 -> "null";
      case 1 -> String.valueOf(random.nextBoolean());
      case 2 -> Json.quote(text());
      case 3 -> String.valueOf(random.nextInt(400) - 200);
      case 4 -> String.valueOf(random.nextLong() >> random.nextInt(64));
      case 5 -> String.valueOf(random.nextInt(2_000) / 8.0);
      case 6 -> String.valueOf(number());
      case 7 -> object(depth);
      default -> array(depth);
    };
  }

  /// Any finite number, the extremes as often as the ordinary.
  public double number() {
    double any = Double.longBitsToDouble(random.nextLong());
    return Double.isFinite(any) && random.nextBoolean() ? any : random.nextGaussian() * 1e3;
  }

  private String array(int depth) {
    var out = new StringBuilder("[");
    for (int i = random.nextInt(random.nextInt(8) == 0 ? 40 : 5); i > 0; i--) {
      out.append(value(depth - 1)).append(i > 1 ? " , " : "");
    }
    return out.append(']').toString();
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  /// `sample` with some bytes changed, cut off or repeated.
  public byte[] damaged(byte[] sample) {
    var bytes = java.util.Arrays.copyOf(sample, sample.length + random.nextInt(3));
    for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 0; i--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return random.nextInt(4) == 0
        ? java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))
        : bytes;
  }
}
