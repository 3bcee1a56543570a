package dev.millrace.connect.jetstream;

import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// One connection to a server: the loop puts messages in, the source takes them out. When the queue
/// is full reading pauses; when it is half empty it goes on. Nothing is dropped.
final class UpstreamConnection implements WebSocketListener {
  private final WebSocketConnection connection;
  private final ArrayBlockingQueue<byte[]> queue;
  private final @Nullable String hello;
  private final Runnable wake;
  private final int capacity;

  private boolean pausedByLoop; // the loop's own
  private volatile boolean paused; // written by the loop; the source asks whether to resume
  private volatile boolean closing; // written by the source, which takes nothing further
  private volatile @Nullable End end; // written once by the loop

  /// How the connection ended.
  record End(int code, String reason) {}

  /// `hello` is sent first, if there is one. `wake` is called when there is something to do.
  UpstreamConnection(
      WebSocketConnection connection, int capacity, @Nullable String hello, Runnable wake) {
    this.connection = connection;
    this.capacity = capacity;
    this.queue = new ArrayBlockingQueue<>(capacity);
    this.hello = hello;
    this.wake = wake;
  }

  @Override
  public void opened() {
    if (hello != null) {
      connection.sendText(hello);
      connection.flush();
    }
    wake.run();
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    if (closing) {
      return; // not handed on, so not in the cursor either
    }
    if (!queue.offer(ByteBufUtil.getBytes(payload))) {
      throw new IllegalStateException("a message came although reading is paused");
    }
    if (queue.remainingCapacity() == 0) {
      pausedByLoop = true;
      paused = true;
      connection.pauseReading(); // not even the rest of this read comes now
      wake.run();
    }
  }

  @Override
  public void readComplete() {
    wake.run();
  }

  @Override
  public void closed(int code, String reason) {
    end = new End(code, reason);
    wake.run();
  }

  /// The next message, null when none waits. For the source's thread.
  byte @Nullable [] take() {
    var message = queue.poll();
    if (paused && queue.size() <= capacity / 2) {
      paused = false;
      connection.loop().execute(this::resume);
    }
    return message;
  }

  int queued() {
    return queue.size();
  }

  /// Whether the server has to wait for us, so that its silence means nothing.
  boolean isPaused() {
    return paused;
  }

  /// How it ended, null while it is open. Messages that came before may still wait.
  @Nullable End end() {
    return end;
  }

  /// Begins to close; [#end] tells when that is done.
  void close(String reason) {
    closing = true;
    connection.loop().execute(() -> connection.close(CloseCode.NORMAL, reason));
  }

  private void resume() {
    if (pausedByLoop) {
      pausedByLoop = false;
      connection.resumeReading();
    }
  }
}
