package dev.millrace.gateway.http;

import dev.millrace.core.route.BodyStream;
import dev.millrace.core.route.Response;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.net.Loop;
import dev.millrace.net.http.PushAnswer;
import dev.millrace.net.http.PushStream;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends an answer that has no end of its own when its caller may no longer have it: the token has
/// expired, or the configuration says so.
record Leased(LeaseWatch watch, Lease lease, Loop loop) {
  private static final Logger log = LoggerFactory.getLogger(Leased.class);

  /// The answer itself, or one whose stream is closed when the lease ends. From any thread.
  Response asLongAsAllowed(Response response) {
    if (!(response.source() instanceof Response.Source.Live(var stream))) {
      return response;
    }
    var watched =
        stream instanceof PushStream pushed ? new WatchedPush(pushed) : new Watched(stream);
    onLoop(watched::begin);
    return new Response(
        response.status(),
        response.contentType(),
        response.body(),
        response.headers(),
        new Response.Source.Live(watched));
  }

  private void onLoop(Runnable work) {
    try {
      loop.execute(work);
    } catch (RejectedExecutionException stopped) {
      log.debug("The loops have stopped, and nobody is served any more", stopped);
    }
  }

  private class Watched implements BodyStream {
    private final BodyStream stream;

    // Confined to the loop.
    private LeaseWatch.@Nullable Watched entry;
    private boolean over;

    Watched(BodyStream stream) {
      this.stream = stream;
    }

    @Override
    public byte @Nullable [] next() throws Exception {
      return stream.next();
    }

    @Override
    public void close() {
      stream.close();
      onLoop(this::forget);
    }

    private void begin() {
      if (!over) {
        entry = watch.watch(loop, lease, end -> stream.close());
      }
    }

    private void forget() {
      over = true;
      if (entry != null) {
        entry.forget();
        entry = null;
      }
    }
  }

  /// One that writes for itself.
  private final class WatchedPush extends Watched implements PushStream {
    private final PushStream pushed;

    WatchedPush(PushStream pushed) {
      super(pushed);
      this.pushed = pushed;
    }

    @Override
    public void opened(PushAnswer out) {
      pushed.opened(out);
    }

    @Override
    public void writable() {
      pushed.writable();
    }

    @Override
    public byte @Nullable [] next() {
      return null; // it is not asked
    }
  }
}
