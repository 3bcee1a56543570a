package dev.millrace.gateway.webhook;

import dev.failsafe.CircuitBreaker;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One program that is asked over HTTP. A question waits for its turn and its answer together no
/// longer than the timeout; after too many failures in a row nobody is asked for a while. Nothing
/// of address, question or answer is logged: they may hold secrets. Safe from any thread.
final class Hook implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Hook.class);

  /// Questions that may wait for their turn, for each that may be under way.
  private static final int WAITING = 64;

  private final Way way;
  private final URI uri;
  private final @Nullable Signature signature;
  private final Clock clock;
  private final Metrics metrics;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client;
  private final Semaphore turns;
  private final AtomicInteger waiting = new AtomicInteger(); // questions, those under way included
  private final CircuitBreaker<Answer> breaker;

  /// How to ask. `name` stands in logs and metrics; answers have at most `answerBytes`.
  record Way(
      String name,
      String url,
      @Nullable String secret,
      Duration timeout,
      int maxConcurrent,
      int breakerFailures,
      Duration breakerPause,
      int answerBytes) {

    /// Without address and secret.
    @Override
    public String toString() {
      return "Way[name=" + name + "]";
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int status, byte[] body) {}

  Hook(Way way, Clock clock, Metrics metrics) {
    this.way = way;
    this.uri = URI.create(way.url());
    this.signature = way.secret() == null ? null : new Signature(way.secret());
    this.clock = clock;
    this.metrics = metrics;
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(way.timeout())
            .executor(threads)
            .build();
    this.turns = new Semaphore(way.maxConcurrent());
    this.breaker =
        CircuitBreaker.<Answer>builder()
            .withFailureThreshold(way.breakerFailures())
            .withDelay(way.breakerPause())
            .onOpen(
                event ->
                    log.warn(
                        "The webhook {} failed {} times in a row; it is not asked for {} s",
                        way.name(),
                        way.breakerFailures(),
                        way.breakerPause().toMillis() / 1e3))
            .onClose(event -> log.info("The webhook {} answers again", way.name()))
            .build();
  }

  /// Asks. Completes on another thread; empty where there was no answer, whose status may be any.
  CompletableFuture<Optional<Answer>> ask(byte[] question) {
    var answer = new CompletableFuture<Optional<Answer>>();
    if (waiting.incrementAndGet() > way.maxConcurrent() * WAITING) {
      waiting.decrementAndGet();
      count("busy");
      answer.complete(Optional.empty());
    } else {
      Thread.ofVirtual()
          .name("millrace-webhook-" + way.name())
          .start(() -> answer.complete(answerTo(question)));
    }
    return answer;
  }

  /// What came could not be used: as good as no answer.
  void unusable() {
    breaker.recordFailure();
    count("failed");
  }

  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }

  private Optional<Answer> answerTo(byte[] question) {
    long start = clock.nanoTime();
    try {
      if (!turns.tryAcquire(way.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
        count("busy");
        return Optional.empty();
      }
      try {
        return inTurn(question, way.timeout().toNanos() - (clock.nanoTime() - start));
      } finally {
        turns.release();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      waiting.decrementAndGet();
      metrics.seconds(WebhookMetric.SECONDS, way.name()).observe((clock.nanoTime() - start) / 1e9);
    }
  }

  private Optional<Answer> inTurn(byte[] question, long nanosLeft) throws InterruptedException {
    if (!breaker.tryAcquirePermit()) {
      count("paused");
      return Optional.empty();
    }
    try {
      var answer = send(question, Math.max(1, nanosLeft));
      if (answer.status() >= 500) {
        unusable();
        return Optional.empty();
      }
      breaker.recordSuccess();
      count("answered");
      return Optional.of(answer);
    } catch (IOException | ExecutionException | TimeoutException failure) {
      log.debug("The webhook {} gave no answer: {}", way.name(), failure.getClass().getName());
      unusable();
      return Optional.empty();
    }
  }

  private Answer send(byte[] question, long nanos)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    var request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", "application/json")
            .header("User-Agent", "millrace")
            .POST(HttpRequest.BodyPublishers.ofByteArray(question));
    if (signature != null) {
      request.header(Signature.HEADER, signature.of(question, clock.epochMillis() / 1_000));
    }
    var body =
        HttpResponse.BodyHandlers.limiting(
            HttpResponse.BodyHandlers.ofByteArray(), way.answerBytes());
    var under = client.sendAsync(request.build(), body);
    try {
      var response = under.get(nanos, TimeUnit.NANOSECONDS);
      return new Answer(response.statusCode(), response.body());
    } finally {
      under.cancel(true);
    }
  }

  private void count(String outcome) {
    metrics.counter(WebhookMetric.CALLS, way.name(), outcome).inc();
  }
}
