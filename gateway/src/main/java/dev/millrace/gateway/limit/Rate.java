package dev.millrace.gateway.limit;

/// So much at once, then so much a second. A `perSecond` of 0 is no limit.
public record Rate(int burst, double perSecond) {
  /// No limit.
  public static final Rate UNLIMITED = new Rate(1, 0);

  public Rate {
    if (burst < 1 || !(perSecond >= 0)) {
      throw new IllegalArgumentException("no rate: " + burst + " at once, " + perSecond + "/s");
    }
  }

  public boolean isUnlimited() {
    return perSecond == 0;
  }

  /// Nanoseconds until one more is earned.
  long intervalNanos() {
    return (long) (1e9 / perSecond);
  }

  /// Nanoseconds from nothing left to the whole burst.
  long refillNanos() {
    return (long) Math.min(burst * (1e9 / perSecond), Long.MAX_VALUE / 4.0);
  }
}
