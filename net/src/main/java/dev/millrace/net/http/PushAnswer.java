package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection of a [PushStream], for its owner. Confined to the loop; once the client has gone,
/// writing does nothing but release.
///
/// [#write] queues ready bytes and [#flush] makes one system call. Where the client knows chunks
/// the bytes are whole chunks, framed by whoever made them, so that they can be shared; a client of
/// HTTP/1.0 gets the bare body, which ends with the connection. Source: RFC 9112, section 7.1.
public final class PushAnswer implements LongAnswer {
  private static final Logger log = LoggerFactory.getLogger(PushAnswer.class);
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final HttpConnection connection;
  private final Loop loop;
  private final Response response;
  private final PushStream stream;
  private final boolean chunked;
  private final boolean withoutBody;
  private boolean awaitsCompletion;
  private boolean ended;

  PushAnswer(
      HttpConnection connection,
      Loop loop,
      Response response,
      PushStream stream,
      boolean chunked,
      boolean withoutBody) {
    this.connection = connection;
    this.loop = loop;
    this.response = response;
    this.stream = stream;
    this.chunked = chunked;
    this.withoutBody = withoutBody;
  }

  /// The loop that owns the connection.
  public Loop loop() {
    return loop;
  }

  /// Whether what is written must be whole chunks.
  public boolean isChunked() {
    return chunked;
  }

  /// Queues bytes and takes over the reference.
  public void write(ByteBuf bytes) {
    if (ended) {
      bytes.release();
    } else {
      connection.write(bytes);
    }
  }

  /// Hands everything written to the socket. Returns whether all of it has left; if not,
  /// [PushStream#writable] tells when it has.
  public boolean flush() {
    if (ended) {
      return true;
    }
    connection.flush();
    boolean done = connection.hasSentAll();
    if (!done) {
      awaitCompletion();
    }
    return done;
  }

  /// Ends the body as HTTP does, behind what was written.
  public void end() {
    if (ended) {
      return;
    }
    if (chunked) {
      connection.write(Unpooled.wrappedBuffer(LAST_CHUNK));
    }
    ended = true;
    connection.flush();
    connection.sent();
  }

  /// Cuts the connection: what is queued is lost, and the client sees that the body has no end.
  public void abort() {
    if (!ended) {
      ended = true;
      connection.sendingFailed(true);
    }
  }

  /// Its number is its owner's to bound: `limit` is for answers that cost a thread.
  @Override
  public boolean begin(int limit) {
    try {
      connection.write(
          ResponseWriter.encodeLiveHead(
              loop.allocator(), response, chunked, connection.isKeptAlive()));
    } catch (IllegalArgumentException split) {
      log.error("An answer was refused", split);
      ended = true;
      stream.close();
      connection.sendingFailed(false);
      return true;
    }
    connection.count(response.status());
    if (withoutBody) {
      ended = true;
      stream.close();
      connection.flush();
      connection.sent();
    } else {
      stream.opened(this);
      flush();
    }
    return true;
  }

  @Override
  public void abandon() {
    ended = true;
    stream.close();
  }

  @Override
  public boolean watchesClient() {
    return true;
  }

  /// An empty buffer behind the unfinished ones completes after them.
  private void awaitCompletion() {
    if (awaitsCompletion) {
      return;
    }
    awaitsCompletion = true;
    // Later, because it completes inside Netty's own flush, where another flush would do nothing.
    connection.writeChunk(Unpooled.EMPTY_BUFFER, written -> loop.execute(this::completed));
    connection.flush();
  }

  private void completed() {
    awaitsCompletion = false;
    if (ended) {
      return;
    }
    if (connection.hasSentAll()) {
      connection.progressed();
      stream.writable();
    } else {
      awaitCompletion();
    }
  }
}
