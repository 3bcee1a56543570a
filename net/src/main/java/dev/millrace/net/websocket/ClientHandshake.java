package dev.millrace.net.websocket;

import dev.millrace.net.Closing;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The client's opening handshake on one channel. Source: RFC 6455, section 4.1. Confined to the
/// loop.
final class ClientHandshake extends ChannelInboundHandlerAdapter {
  private static final int MAX_HEAD = 64 << 10;
  private static final int MAX_REFUSAL_BODY = 4 << 10;
  private static final int KEY_BYTES = 16;

  private final ConnectAttempt attempt;
  private final Channel channel;
  private final HttpResponseDecoder decoder =
      new HttpResponseDecoder(
          new HttpDecoderConfig().setMaxInitialLineLength(MAX_HEAD).setMaxHeaderSize(MAX_HEAD));
  private final String key;
  private final StringBuilder refusal = new StringBuilder();
  private @Nullable HttpResponse head;
  private boolean settled;

  ClientHandshake(ConnectAttempt attempt, Channel channel) {
    this.attempt = attempt;
    this.channel = channel;
    var nonce = new byte[KEY_BYTES];
    attempt.masks().nextBytes(nonce);
    this.key = Base64.getEncoder().encodeToString(nonce);
  }

  void begin() {
    channel.pipeline().addLast(decoder, this);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (!attempt.target().secure()) {
      sendRequest();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent tls) {
      if (tls.isSuccess()) {
        sendRequest();
      } else {
        fail("the TLS handshake failed: " + tls.cause().getMessage());
      }
    } else if (Closing.isEndOfInput(event)) {
      fail("the server closed the connection before the handshake was done");
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    try {
      if (!settled && read instanceof HttpObject part) {
        take(part);
      }
    } finally {
      ReferenceCountUtil.release(read);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail("the server closed the connection before the handshake was done");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail("the handshake failed: " + cause.getMessage());
  }

  private void take(HttpObject part) {
    if (part.decoderResult().isFailure()) {
      fail("the answer is not HTTP");
      return;
    }
    if (part instanceof HttpResponse response) {
      head = response;
    }
    if (part instanceof HttpContent content) {
      refusal.append(content.content().toString(StandardCharsets.UTF_8));
      if (content instanceof LastHttpContent || refusal.length() >= MAX_REFUSAL_BODY) {
        answered();
      }
    }
  }

  private void answered() {
    var response = head;
    if (response == null) {
      throw new IllegalStateException("a body without a head");
    }
    if (response.status().code() != 101) {
      settled = true;
      refusal.setLength(Math.min(refusal.length(), MAX_REFUSAL_BODY));
      attempt.refused(
          new ConnectOutcome.Refused(
              response.status().code(), headers(response.headers()), refusal.toString()));
      return;
    }
    var complaint = complaint(response.headers());
    if (complaint != null) {
      fail(complaint);
      return;
    }
    settled = true;
    channel.pipeline().remove(this);
    attempt.succeed(channel);
    channel.pipeline().remove(decoder); // last: hands frames that came with the answer over
  }

  private @Nullable String complaint(HttpHeaders headers) {
    if (!headers.containsValue("upgrade", "websocket", true)
        || !headers.containsValue("connection", "upgrade", true)) {
      return "the server's 101 does not upgrade to WebSocket";
    }
    if (!HandshakeKey.accept(key).equals(headers.get("sec-websocket-accept"))) {
      return "the server's Sec-WebSocket-Accept does not fit our key";
    }
    if (headers.contains("sec-websocket-extensions")
        || headers.contains("sec-websocket-protocol")) {
      return "the server chose an extension or subprotocol that was not offered";
    }
    return null;
  }

  private void sendRequest() {
    var target = attempt.target();
    var headers = new DefaultHttpHeaders(); // refuses names and values that split
    target.headers().forEach(headers::set);
    boolean usual = target.uri().getPort() < 0;
    headers
        .set("Host", target.uri().getHost() + (usual ? "" : ":" + target.uri().getPort()))
        .set("Upgrade", "websocket")
        .set("Connection", "Upgrade")
        .set("Sec-WebSocket-Version", "13")
        .set("Sec-WebSocket-Key", key);
    var text = new StringBuilder("GET ");
    var path = target.uri().getRawPath();
    text.append(path == null || path.isEmpty() ? "/" : path);
    if (target.uri().getRawQuery() != null) {
      text.append('?').append(target.uri().getRawQuery());
    }
    text.append(" HTTP/1.1\r\n");
    headers.forEach(
        header ->
            text.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n"));
    text.append("\r\n");
    var bytes = channel.alloc().buffer(text.length());
    bytes.writeCharSequence(text, StandardCharsets.UTF_8);
    var _ = channel.writeAndFlush(bytes, channel.voidPromise());
  }

  private void fail(String why) {
    if (!settled) {
      settled = true;
      attempt.fail(attempt.target().name() + ": " + why);
    }
  }

  private static Map<String, String> headers(HttpHeaders from) {
    var headers = new LinkedHashMap<String, String>();
    from.forEach(
        header -> headers.putIfAbsent(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
    return headers;
  }
}
