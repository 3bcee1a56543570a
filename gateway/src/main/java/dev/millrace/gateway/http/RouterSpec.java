package dev.millrace.gateway.http;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import dev.millrace.gateway.limit.Rate;
import java.time.Duration;

/// Limits of the REST handlers. The keys stand under `server`; each takes effect with the next
/// request.
public record RouterSpec(
    @About("REST requests worked on at the same time; further ones are answered 503.")
        @Default("256")
        @Range(min = 1, max = 100_000)
        int maxRequests,
    @About("How long one REST request may take; then it is answered 504 and interrupted.")
        @Default("30s")
        @Range(min = 0.1, max = 3_600)
        Duration requestTimeout,
    @About(
            "REST requests and WebSocket handshakes that one address may make in a second, and at"
                + " once; beyond it 429. 0 allows any number.")
        @Default("0")
        @Range(min = 0, max = 1_000_000)
        int requestsPerSecondPerAddress) {
  public static final RouterSpec DEFAULT = Spec.of(RouterSpec.class).defaults();

  Rate rate() {
    return requestsPerSecondPerAddress == 0
        ? Rate.UNLIMITED
        : new Rate(requestsPerSecondPerAddress, requestsPerSecondPerAddress);
  }
}
