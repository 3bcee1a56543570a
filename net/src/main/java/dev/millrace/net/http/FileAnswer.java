package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import dev.millrace.net.FileThread;
import dev.millrace.net.Loop;
import dev.millrace.net.NetMetric;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One answer whose body is a temporary file: a chunk is read when the one before it has left, so a
/// file costs one chunk of memory whatever its size and however slow its client.
///
/// The file thread opens, reads and deletes; the loop does the rest. Reading in chunks, and not the
/// kernel's own transfer, because that would have the loop wait for the disk, and because TLS needs
/// the bytes anyway. The fields belong to the file thread, except as marked; what it has written
/// the loop reads only in work handed over afterwards.
final class FileAnswer implements LongAnswer {
  private static final Logger log = LoggerFactory.getLogger(FileAnswer.class);

  private static final int CHUNK = 256 << 10;

  private final HttpConnection connection;
  private final FileThread files;
  private final Loop loop;
  private final Response response;
  private final Path file;
  private final boolean withoutBody;
  private @Nullable FileChannel source;
  private long size;
  private long position;
  private boolean begun; // the loop's: the head has been written
  private boolean ended; // the loop's: the file has been given up

  FileAnswer(
      HttpConnection connection,
      FileThread files,
      Loop loop,
      Response response,
      Path file,
      boolean withoutBody) {
    this.connection = connection;
    this.files = files;
    this.loop = loop;
    this.response = response;
    this.file = file;
    this.withoutBody = withoutBody;
  }

  /// What becomes of a file.
  private enum Outcome {
    SENT,
    REFUSED,
    FAILED,
    ABANDONED
  }

  /// Begins to send, unless `limit` files are on their way: then it deletes the file and returns
  /// false. On the loop.
  @Override
  public boolean begin(int limit) {
    if (!files.admit(limit)) {
      count(Outcome.REFUSED);
      files.delete(file);
      return false;
    }
    onFileThread(this::open);
    return true;
  }

  @Override
  public void abandon() {
    end(Outcome.ABANDONED);
  }

  private void open() throws IOException {
    var opened = FileChannel.open(file, StandardOpenOption.READ);
    source = opened;
    size = opened.size();
    onLoop(this::opened, Unpooled.EMPTY_BUFFER);
  }

  private void opened() {
    if (ended) {
      return;
    }
    try {
      connection.write(
          ResponseWriter.encodeHead(loop.allocator(), response, size, connection.isKeptAlive()));
    } catch (IllegalArgumentException split) {
      log.error("An answer was refused", split);
      failed();
      return;
    }
    begun = true;
    connection.count(response.status());
    connection.flush();
    goOn();
  }

  private void goOn() {
    if (withoutBody || position == size) {
      end(Outcome.SENT);
      connection.sent();
    } else {
      onFileThread(this::read);
    }
  }

  private void read() throws IOException {
    var chunk = loop.allocator().directBuffer((int) Math.min(CHUNK, size - position));
    try {
      fill(chunk);
    } catch (IOException | RuntimeException failure) {
      chunk.release();
      throw failure;
    }
    onLoop(() -> send(chunk), chunk);
  }

  private void fill(ByteBuf chunk) throws IOException {
    var from = source;
    if (from == null) {
      throw new IOException("the file is not open");
    }
    while (chunk.isWritable()) {
      int read = chunk.writeBytes(from, position + chunk.readableBytes(), chunk.writableBytes());
      if (read < 0) {
        throw new IOException("the file is shorter than the " + size + " bytes it had at first");
      }
    }
    position += chunk.readableBytes();
  }

  private void send(ByteBuf chunk) {
    if (ended) {
      chunk.release();
      return;
    }
    // Later, because it completes inside Netty's own flush, where another flush would do nothing.
    connection.writeChunk(
        chunk, written -> loop.execute(written.isSuccess() ? this::sent : this::lost));
    connection.flush();
  }

  private void sent() {
    if (!ended) {
      connection.progressed();
      goOn();
    }
  }

  /// A chunk could not be written: the client is gone, or its TLS is.
  private void lost() {
    if (!ended) {
      end(Outcome.ABANDONED);
      connection.sendingFailed(true);
    }
  }

  private void failed() {
    if (!ended) {
      end(Outcome.FAILED);
      connection.sendingFailed(begun);
    }
  }

  private void end(Outcome outcome) {
    if (ended) {
      return;
    }
    ended = true;
    files.leave();
    count(outcome);
    try {
      files.run(this::closeAndDelete);
    } catch (RejectedExecutionException stopped) {
      log.debug("The file thread has stopped; {} is deleted here", file, stopped);
      closeAndDelete();
    }
  }

  private void count(Outcome outcome) {
    var label = outcome.name().toLowerCase(Locale.ROOT);
    loop.metrics().counter(NetMetric.FILE_ANSWERS, label).inc();
  }

  @FunctionalInterface
  private interface DiskWork {
    void run() throws IOException;
  }

  private void onFileThread(DiskWork work) {
    try {
      files.run(
          () -> {
            try {
              work.run();
            } catch (IOException | RuntimeException failure) {
              log.error("The file {} could not be read to be sent", file, failure);
              onLoop(this::failed, Unpooled.EMPTY_BUFFER);
            }
          });
    } catch (RejectedExecutionException stopped) {
      log.debug("The file thread has stopped; {} is not sent", file, stopped);
      failed();
    }
  }

  /// Has the loop do `next`, or gives `chunk` and the file up when it has stopped.
  private void onLoop(Runnable next, ByteBuf chunk) {
    try {
      loop.execute(next);
    } catch (RejectedExecutionException stopped) {
      log.debug("The loops have stopped while {} was sent", file, stopped);
      chunk.release();
      closeAndDelete();
    }
  }

  /// On the file thread, or where it has stopped.
  private void closeAndDelete() {
    if (source != null) {
      try {
        source.close();
      } catch (IOException failure) {
        log.warn("The temporary file {} could not be closed", file, failure);
      }
    }
    FileThread.deleteNow(file);
  }
}
