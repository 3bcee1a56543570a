package dev.millrace.core.trace;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// The id of the request or the sampled frame that this thread works for. Whoever logs, calls
/// another service or stores asks [#id]; nobody passes it along by hand.
///
/// Bound for the length of one call, so it cannot outlive its request.
public final class Correlation {
  /// The metadata key under which a sampled frame carries its id.
  public static final String METADATA_KEY = "trace_id";

  private static final ScopedValue<String> ID = ScopedValue.newInstance();

  private Correlation() {}

  /// The id, or null outside of any request or sampled frame.
  public static @Nullable String id() {
    return ID.isBound() ? ID.get() : null;
  }

  /// Calls `work` with `id` bound.
  public static <T> T call(String id, Callable<T> work) throws Exception {
    return ScopedValue.where(ID, id).call(work::call);
  }

  /// Runs `work` with `id` bound.
  public static void run(String id, Runnable work) {
    ScopedValue.where(ID, id).run(work);
  }
}
