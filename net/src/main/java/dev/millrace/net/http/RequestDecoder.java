package dev.millrace.net.http;

import dev.millrace.net.MemoryBudget;
import dev.millrace.net.NetSpec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/// Netty's decoder with our limits, which also tells its connection when bytes arrive: whether a
/// request has begun decides which deadline runs. A head that does not come at once is paid for
/// from the budget of incomplete input, like a body. Confined to the loop.
final class RequestDecoder extends HttpRequestDecoder {
  private static final int BODY_CHUNK = 64 << 10;

  private final HttpConnection connection;
  private final MemoryBudget budget;
  private long reservedBytes;

  RequestDecoder(NetSpec spec, HttpConnection connection, MemoryBudget budget) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(spec.maxRequestHead().toIntExact())
            .setMaxHeaderSize(spec.maxRequestHead().toIntExact())
            .setMaxChunkSize(BODY_CHUNK)
            .setInitialBufferSize(256)
            .setValidateHeaders(true));
    this.connection = connection;
    this.budget = budget;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) throws Exception {
    connection.bytesArrived(read);
    long bytes = read instanceof ByteBuf buffer ? buffer.readableBytes() : 0;
    super.channelRead(context, read);
    if (connection.isInsideHead()) {
      reserve(bytes);
    }
  }

  private void reserve(long bytes) {
    if (budget.reserve(bytes)) {
      reservedBytes += bytes;
    } else {
      connection.reject(Rejection.OUT_OF_MEMORY);
    }
  }

  /// The head is complete, or nobody waits for its rest any more.
  void releaseHead() {
    if (reservedBytes > 0) {
      budget.release(reservedBytes);
      reservedBytes = 0;
    }
  }

  /// Whether the beginning of another request waits for its rest.
  boolean holdsBytes() {
    return actualReadableBytes() > 0;
  }
}
