package dev.millrace.gateway.wse;

import dev.millrace.hub.HubSpec;

/// How much one connection may send: a burst, then a rate. It looks at the time only when the burst
/// is used up. Confined to the connection's loop.
final class TokenBucket {
  private final HubSpec.RateLimit limit;
  private long tokens;
  private long filledNanos;
  private long warnedNanos;
  private boolean warned;

  TokenBucket(HubSpec.RateLimit limit, long nowNanos) {
    this.limit = limit;
    this.tokens = limit.capacity();
    this.filledNanos = nowNanos;
  }

  /// Whether one more message may pass without looking at the time.
  boolean takeKnown() {
    if (tokens > 0) {
      tokens--;
      return true;
    }
    return limit.refillRate() == 0;
  }

  /// The message that was let pass was one of those that cost nothing.
  void giveBack() {
    tokens = Math.min(limit.capacity(), tokens + 1);
  }

  /// Whether one more message may pass.
  boolean take(long nowNanos) {
    if (takeKnown()) {
      return true;
    }
    double earned = (nowNanos - filledNanos) * 1e-9 * limit.refillRate();
    if (earned < 1) {
      return false;
    }
    // Whole tokens only; the time of the fraction goes on counting.
    tokens = (long) Math.min(limit.capacity(), earned);
    filledNanos =
        earned >= limit.capacity()
            ? nowNanos
            : filledNanos + (long) (tokens * 1e9 / limit.refillRate());
    tokens--;
    return true;
  }

  /// Takes so many more, as far as there are, for a message that cost more than others.
  void charge(long more) {
    tokens = Math.max(0, tokens - more);
  }

  /// Whether the client is to be told, which it is once a second.
  boolean warnNow(long nowNanos) {
    if (warned && nowNanos - warnedNanos < 1_000_000_000L) {
      return false;
    }
    warned = true;
    warnedNanos = nowNanos;
    return true;
  }
}
