package dev.millrace.gateway.http;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import dev.millrace.gateway.http.RouteTable.Found;
import dev.millrace.net.http.HttpExchange;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request in the hands of its handler. Whoever comes first answers, the handler or the
/// deadline.
final class Call {
  private static final Logger log = LoggerFactory.getLogger(Call.class);

  private final Reply reply;
  private final Found.Handled handled;
  private final Principal principal;
  private final Leased leased;
  private final Clock clock;
  private final Metrics metrics;
  private final long startedNanos;
  private volatile Runnable onAnswer = () -> {}; // set once before the thread starts
  private final AtomicBoolean answered = new AtomicBoolean(); // handler's thread against timer's

  Call(
      Reply reply,
      Found.Handled handled,
      Principal principal,
      Leased leased,
      Clock clock,
      Metrics metrics) {
    this.reply = reply;
    this.handled = handled;
    this.principal = principal;
    this.leased = leased;
    this.clock = clock;
    this.metrics = metrics;
    this.startedNanos = clock.nanoTime();
  }

  /// Runs the handler on a virtual thread of its own; `done` runs when the handler has ended, also
  /// after a timeout, because until then it holds what it holds, and before the answer leaves, so
  /// that whoever waits for answers finds the place free that its last request had.
  void start(Duration timeout, Runnable done) {
    var thread =
        Thread.ofVirtual()
            .name("millrace-request-" + reply.id())
            .unstarted(
                () -> {
                  Response outcome;
                  try {
                    outcome = outcome();
                  } finally {
                    done.run();
                  }
                  answer(outcome);
                });
    var timer = clock.after(timeout, () -> tooLate(thread, timeout));
    onAnswer = timer::cancel;
    thread.start();
  }

  /// Runs the handler on this thread.
  void run() {
    answer(outcome());
  }

  private Response outcome() {
    try {
      var objection = handled.body().objection(reply.exchange().head(), reply.exchange().body());
      return objection != null ? objection : Correlation.call(reply.id(), this::handle);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return failure();
    } catch (Exception failure) {
      metrics.counter(HttpMetric.HANDLER_FAILURES).inc();
      var route = handled.route();
      Correlation.run(
          reply.id(),
          () -> log.error("The handler of {} {} failed", route.method(), route.path(), failure));
      return failure();
    }
  }

  private Response handle() throws Exception {
    var head = reply.exchange().head();
    return handled
        .route()
        .handler()
        .handle(
            new Request(
                reply.id(),
                head.method(),
                head.path(),
                handled.parameters(),
                head.query(),
                head.headers(),
                reply.exchange().body(),
                head.remoteAddress(),
                principal));
  }

  private void tooLate(Thread handler, Duration timeout) {
    if (!answered.get()) {
      metrics.counter(HttpMetric.TIMEOUTS).inc();
      answer(Response.failure(504, "TIMEOUT", "no answer within " + timeout));
      handler.interrupt();
    }
  }

  private void answer(Response response) {
    if (answered.compareAndSet(false, true)) {
      onAnswer.run();
      metrics.seconds(HttpMetric.SECONDS).observe((clock.nanoTime() - startedNanos) / 1e9);
      reply.send(leased.asLongAsAllowed(response));
    } else {
      HttpExchange.discard(response); // too late, and nobody else knows of it
    }
  }

  static Response failure() {
    return Response.failure(500, "INTERNAL", "the request failed; the server's log says why");
  }
}
