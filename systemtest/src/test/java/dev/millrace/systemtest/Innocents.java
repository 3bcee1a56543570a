package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/// Two subscribers and a publisher that behave while others do not: a number every few
/// milliseconds, of which none may be missing.
final class Innocents implements AutoCloseable {
  private static final long PAUSE_MILLIS = 4;
  private static final int SOME = 20;

  private final WebSocketClient publisher;
  private final List<WebSocketClient> subscribers;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread publishing;
  private volatile int published; // written by the publishing thread alone

  Innocents(URI address, String topic) {
    publisher = WebSocketClient.connect(address, "/ws/publish/" + topic + "?type=number");
    var path = "/wse?compression=false&topics=" + topic;
    subscribers =
        List.of(WebSocketClient.connect(address, path), WebSocketClient.connect(address, path));
    for (var subscriber : subscribers) {
      subscriber.await("the subscription", received -> received.size() >= 2);
    }
    publishing = Thread.ofPlatform().name("innocent").start(this::publish);
  }

  private void publish() {
    try {
      int next = 0;
      while (!end.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        publisher.send("{\"n\":" + next++ + "}");
        published = next;
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops publishing and waits for the last number.
  void assertThatNothingIsMissing() throws InterruptedException {
    Await.until("some numbers are published", () -> published >= SOME);
    end.countDown();
    publishing.join();
    int all = published;
    for (var subscriber : subscribers) {
      subscriber.await(
          "number " + (all - 1),
          received ->
              received.getLast().payload().path("n").asInt(-1) == all - 1
                  || subscriber.received("number").size() == all);
      assertThat(subscriber.received("number"))
          .extracting(message -> message.payload().path("n").asInt())
          .isEqualTo(IntStream.range(0, all).boxed().toList());
    }
  }

  @Override
  public void close() {
    end.countDown();
    publisher.close();
    subscribers.forEach(WebSocketClient::close);
  }
}
