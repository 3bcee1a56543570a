package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.FileThread;
import dev.millrace.net.Loop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request and the place for its answer. Safe from any thread.
public final class HttpExchange {
  private static final Logger log = LoggerFactory.getLogger(HttpExchange.class);

  private final RequestHead head;
  private final byte[] body;
  private final Loop loop;
  private final Consumer<Response> answerOnLoop;
  private final AtomicBoolean answered = new AtomicBoolean(); // whoever answers first wins

  HttpExchange(RequestHead head, byte[] body, Loop loop, Consumer<Response> answerOnLoop) {
    this.head = head;
    this.body = body;
    this.loop = loop;
    this.answerOnLoop = answerOnLoop;
  }

  public RequestHead head() {
    return head;
  }

  /// The whole body, empty when there was none. Not copied: do not write into it.
  public byte[] body() {
    return body;
  }

  /// The loop that owns the connection.
  public Loop loop() {
    return loop;
  }

  /// Sends the answer; for `HEAD` without its body. Goes nowhere when the client has left. What its
  /// body comes from is disposed of whatever becomes of the answer.
  ///
  /// @throws IllegalStateException at the second call
  public void respond(Response response) {
    if (!answered.compareAndSet(false, true)) {
      throw new IllegalStateException(
          head.method() + " " + head.path() + " was answered before; now " + response.status());
    }
    if (loop.inLoop()) {
      answerOnLoop.accept(response);
    } else {
      handOver(response);
    }
  }

  private void handOver(Response response) {
    try {
      loop.execute(() -> answerOnLoop.accept(response));
    } catch (RejectedExecutionException stopped) {
      log.debug("The loops have stopped and with them the client of {}", head.path(), stopped);
      discard(response);
    }
  }

  /// Disposes of what the body of an answer comes from that will not be sent. May wait for a disk.
  public static void discard(Response response) {
    switch (response.source()) {
      case Response.Source.TemporaryFile(var file) -> FileThread.deleteNow(file);
      case Response.Source.Live(var stream) -> stream.close();
      case null -> {}
    }
  }
}
