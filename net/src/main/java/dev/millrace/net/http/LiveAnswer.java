package dev.millrace.net.http;

import dev.millrace.core.route.BodyStream;
import dev.millrace.core.route.Response;
import dev.millrace.net.LiveCount;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One answer whose body is made while it is sent. A virtual thread asks the stream for a part, the
/// loop writes it, and only when the client has taken it is the next one asked for.
///
/// Source: RFC 9112, section 7.1; a client of HTTP/1.0 gets a body that ends with the connection.
final class LiveAnswer implements LongAnswer {
  private static final Logger log = LoggerFactory.getLogger(LiveAnswer.class);

  private final HttpConnection connection;
  private final LiveCount count;
  private final Loop loop;
  private final Response response;
  private final BodyStream stream;
  private final boolean chunked;
  private final boolean withoutBody;
  private final Semaphore taken = new Semaphore(0); // a permit for each part that has left
  private volatile boolean ended; // written by the loop, or when it has stopped

  LiveAnswer(
      HttpConnection connection,
      LiveCount count,
      Loop loop,
      Response response,
      BodyStream stream,
      boolean chunked,
      boolean withoutBody) {
    this.connection = connection;
    this.count = count;
    this.loop = loop;
    this.response = response;
    this.stream = stream;
    this.chunked = chunked;
    this.withoutBody = withoutBody;
  }

  /// What becomes of it.
  private enum Outcome {
    SENT,
    REFUSED,
    FAILED,
    ABANDONED
  }

  @Override
  public boolean begin(int limit) {
    if (!count.admit(limit)) {
      tell(Outcome.REFUSED);
      stream.close();
      return false;
    }
    try {
      connection.write(
          ResponseWriter.encodeLiveHead(
              loop.allocator(), response, chunked, connection.isKeptAlive()));
    } catch (IllegalArgumentException split) {
      log.error("An answer was refused", split);
      end(Outcome.FAILED);
      connection.sendingFailed(false);
      return true;
    }
    connection.count(response.status());
    connection.flush();
    if (withoutBody) {
      end(Outcome.SENT);
      connection.sent();
    } else {
      Thread.ofVirtual().name("millrace-live-answer").start(this::pull);
    }
    return true;
  }

  @Override
  public void abandon() {
    end(Outcome.ABANDONED);
  }

  @Override
  public boolean watchesClient() {
    return true;
  }

  /// On the virtual thread.
  private void pull() {
    try {
      for (var part = stream.next(); part != null && !ended; part = stream.next()) {
        if (part.length > 0) { // which would be the end
          hand(part);
        }
      }
      onLoop(this::finish);
    } catch (Exception failure) {
      log.error("An answer broke off while it was made", failure);
      onLoop(this::failed);
    } finally {
      stream.close();
    }
  }

  private void hand(byte[] part) throws InterruptedException {
    if (onLoop(() -> send(part))) {
      taken.acquire();
    } else {
      ended = true;
    }
  }

  /// False when the loops have stopped, and with them the client.
  private boolean onLoop(Runnable next) {
    try {
      loop.execute(next);
      return true;
    } catch (RejectedExecutionException stopped) {
      log.debug("The loops have stopped while an answer was made", stopped);
      return false;
    }
  }

  private void send(byte[] part) {
    if (ended) {
      taken.release();
      return;
    }
    // Later, because it completes inside Netty's own flush, where another flush would do nothing.
    connection.writeChunk(
        ResponseWriter.part(loop.allocator(), part, chunked),
        written -> loop.execute(written.isSuccess() ? this::sent : this::lost));
    connection.flush();
  }

  private void sent() {
    if (!ended) {
      connection.progressed();
    }
    taken.release();
  }

  /// A part could not be written: the client is gone, or its TLS is.
  private void lost() {
    if (!ended) {
      end(Outcome.ABANDONED);
      connection.sendingFailed(true);
    }
  }

  private void finish() {
    if (ended) {
      return;
    }
    if (chunked) {
      connection.write(ResponseWriter.part(loop.allocator(), new byte[0], true));
      connection.flush();
    }
    end(Outcome.SENT);
    connection.sent();
  }

  private void failed() {
    if (!ended) {
      end(Outcome.FAILED);
      connection.sendingFailed(true);
    }
  }

  private void end(Outcome outcome) {
    if (ended) {
      return;
    }
    ended = true;
    count.leave();
    tell(outcome);
    stream.close();
    taken.release();
  }

  private void tell(Outcome outcome) {
    var label = outcome.name().toLowerCase(Locale.ROOT);
    loop.metrics().counter(NetMetric.LIVE_ANSWERS, label).inc();
  }
}
