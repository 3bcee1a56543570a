package dev.millrace.gateway.wse;

import dev.millrace.hub.HubSpec;
import tools.jackson.databind.node.ObjectNode;

/// The payload of `rate_limit_warning`: the client has used up what it may send.
final class RateLimitWarning {
  private RateLimitWarning() {}

  static ObjectNode payload(HubSpec.RateLimit limit) {
    var payload =
        SystemFrames.object()
            .put("message", "Rate limit exceeded. Please slow down your requests.")
            .put("code", "RATE_LIMIT_EXCEEDED")
            .put("limit", limit.capacity())
            .put("window", 1.0)
            .put("retry_after", 1.0)
            .put("current_usage", limit.capacity())
            .put("remaining", 0);
    payload
        .putObject("stats")
        .put("tokens_remaining", 0)
        .put("refill_rate", limit.refillRate())
        .put("capacity", limit.capacity());
    return payload;
  }
}
