package dev.millrace.gateway.http;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.time.Duration;

/// Limits of the REST handlers. The keys stand under `server`.
public record RouterSpec(
    @About("REST requests worked on at the same time; further ones are answered 503.")
        @Default("256")
        @Range(min = 1, max = 100_000)
        int maxRequests,
    @About("How long one REST request may take; then it is answered 504 and interrupted.")
        @Default("30s")
        @Range(min = 0.1, max = 3_600)
        Duration requestTimeout) {
  public static final RouterSpec DEFAULT = Spec.of(RouterSpec.class).defaults();
}
