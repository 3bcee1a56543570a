package dev.millrace.net.http;

import dev.millrace.net.NetSpec;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/// Netty's decoder with our limits, which also tells its connection when bytes arrive: whether a
/// request has begun decides which deadline runs.
final class RequestDecoder extends HttpRequestDecoder {
  private static final int BODY_CHUNK = 64 << 10;

  private final HttpConnection connection;

  RequestDecoder(NetSpec spec, HttpConnection connection) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(spec.maxRequestHead().toIntExact())
            .setMaxHeaderSize(spec.maxRequestHead().toIntExact())
            .setMaxChunkSize(BODY_CHUNK)
            .setInitialBufferSize(256)
            .setValidateHeaders(true));
    this.connection = connection;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) throws Exception {
    connection.bytesArrived(read);
    super.channelRead(context, read);
  }

  /// Whether the beginning of another request waits for its rest.
  boolean holdsBytes() {
    return actualReadableBytes() > 0;
  }
}
