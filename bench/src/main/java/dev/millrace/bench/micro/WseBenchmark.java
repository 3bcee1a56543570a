package dev.millrace.bench.micro;

import dev.millrace.gateway.wse.WseEnvelope;
import dev.millrace.hub.Message;
import dev.millrace.hub.Stamp;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/// What does it cost to make one shared frame of a message, once for all its subscribers, beside
/// copying the finished bytes? A payload of 128 bytes, the hub's own id, a topic's own type.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WseBenchmark {

  /// A message, and memory to append its frames to.
  @State(Scope.Thread)
  public static class Lane {
    private static final int CHUNK_BYTES = 256 * 1024;
    private static final long TIME_MILLIS = 1_795_000_000_000L;

    private final byte[] payload =
        ("{\"m\":\"" + "x".repeat(120) + "\"}").getBytes(StandardCharsets.US_ASCII);
    private final ByteBuf chunk = Unpooled.directBuffer(CHUNK_BYTES, CHUNK_BYTES);
    private final Stamp stamp = new Stamp();
    private final byte[] finished;
    private long offset;

    /// Encodes one frame, to be copied later.
    public Lane() {
      int bytes = encodeNext();
      finished = new byte[bytes];
      chunk.getBytes(chunk.writerIndex() - bytes, finished);
    }

    /// Appends the next frame; returns its bytes.
    final int encodeNext() {
      // Another time and id each, as in a live topic.
      var message = Message.of("market.btc", payload, true, TIME_MILLIS + offset);
      makeRoom(WseEnvelope.INSTANCE.sizeLimit(message));
      int start = chunk.writerIndex();
      WseEnvelope.INSTANCE.encode(message, stamp.set(1, ++offset, offset << 20, ~offset), chunk);
      int bytes = chunk.writerIndex() - start;
      if (bytes != WseEnvelope.INSTANCE.sizeLimit(message)) {
        throw new IllegalStateException("a frame of " + bytes + " bytes");
      }
      return bytes;
    }

    /// Appends the finished frame again.
    final int copyNext() {
      makeRoom(finished.length);
      chunk.writeBytes(finished);
      return finished.length;
    }

    String lastFrame() {
      return chunk.toString(
          chunk.writerIndex() - finished.length, finished.length, StandardCharsets.UTF_8);
    }

    /// Gives the memory back.
    @TearDown
    public void release() {
      chunk.release();
    }

    private void makeRoom(int bytes) {
      if (chunk.writableBytes() < bytes) {
        chunk.clear();
      }
    }
  }

  /// The envelope around a payload, header included.
  @Benchmark
  public int encodeFrame(Lane lane) {
    return lane.encodeNext();
  }

  /// The yardstick: the same number of bytes, only copied.
  @Benchmark
  public int copyFrame(Lane lane) {
    return lane.copyNext();
  }
}
