package dev.millrace.net.http;

import dev.millrace.core.route.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Answers as bytes. Header names and values that could begin a header or an answer of their own
/// are refused. Source: RFC 9112, sections 4 to 6.
final class ResponseWriter {
  private record Dated(long second, String text) {}

  private static volatile Dated date = new Dated(-1, ""); // any loop renews it, once a second

  private ResponseWriter() {}

  /// The whole answer. `head` leaves the body out but keeps its length.
  static ByteBuf encode(
      ByteBufAllocator allocator, Response response, boolean head, boolean keepAlive) {
    var body = response.body();
    boolean withBody = !head && !isBodyless(response);
    var text = head(response, length(body.length), keepAlive);
    var out = allocator.buffer(text.length() + (withBody ? body.length : 0));
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    if (withBody) {
      out.writeBytes(body);
    }
    return out;
  }

  /// The head of an answer whose body, `bodyBytes` long, follows.
  static ByteBuf encodeHead(
      ByteBufAllocator allocator, Response response, long bodyBytes, boolean keepAlive) {
    return text(allocator, head(response, length(bodyBytes), keepAlive));
  }

  /// The head of an answer whose body follows and nobody knows how long. Without `chunked`, for
  /// clients of HTTP/1.0, it ends with the connection.
  static ByteBuf encodeLiveHead(
      ByteBufAllocator allocator, Response response, boolean chunked, boolean keepAlive) {
    return text(
        allocator, head(response, chunked ? "Transfer-Encoding: chunked\r\n" : "", keepAlive));
  }

  /// A part of such a body. `bytes` empty and `chunked`: its end.
  static ByteBuf part(ByteBufAllocator allocator, byte[] bytes, boolean chunked) {
    var out = allocator.directBuffer(bytes.length + 16);
    if (chunked) {
      out.writeCharSequence(
          Integer.toHexString(bytes.length) + "\r\n", StandardCharsets.ISO_8859_1);
    }
    out.writeBytes(bytes);
    if (chunked) {
      out.writeCharSequence("\r\n", StandardCharsets.ISO_8859_1);
    }
    return out;
  }

  /// Bytes that were written to `channel` and that the peer has not taken.
  static long unwritten(Channel channel) {
    var out = channel.unsafe().outboundBuffer();
    // A buffer counts whole until its last byte is gone, but what it has got rid of is progress.
    return out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
  }

  /// An answer without body, such as 100 and 101; `headers` are names and values in turn.
  static ByteBuf interim(ByteBufAllocator allocator, int status, String... headers) {
    var text = new StringBuilder(160);
    statusLine(text, status);
    for (int i = 0; i < headers.length; i += 2) {
      line(text, headers[i], headers[i + 1]);
    }
    return text(allocator, text.append("\r\n"));
  }

  private static ByteBuf text(ByteBufAllocator allocator, CharSequence text) {
    var out = allocator.buffer(text.length());
    out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return out;
  }

  private static String length(long bodyBytes) {
    return "Content-Length: " + bodyBytes + "\r\n";
  }

  private static boolean isBodyless(Response response) {
    return response.status() == 204 || response.status() == 304;
  }

  /// `framing` is the line that says where the body ends, if one does.
  private static StringBuilder head(Response response, String framing, boolean keepAlive) {
    var text = new StringBuilder(256);
    statusLine(text, response.status());
    line(text, "Date", now());
    if (!isBodyless(response)) {
      line(text, "Content-Type", response.contentType());
      text.append(framing);
    }
    line(text, "Connection", keepAlive ? "keep-alive" : "close");
    response.headers().forEach((name, value) -> line(text, name, value));
    return text.append("\r\n");
  }

  private static void statusLine(StringBuilder text, int status) {
    text.append("HTTP/1.1 ").append(status).append(' ');
    text.append(HttpResponseStatus.valueOf(status).reasonPhrase()).append("\r\n");
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!isToken(name) || !isValue(value)) {
      throw new IllegalArgumentException(
          "the answer's header \""
              + printable(name)
              + "\" has a character that no header may have");
    }
    text.append(name).append(": ").append(value).append("\r\n");
  }

  private static boolean isToken(String name) {
    return !name.isEmpty()
        && name.chars()
            .allMatch(
                c ->
                    (c >= '0' && c <= '9')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= 'a' && c <= 'z')
                        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
  }

  private static boolean isValue(String value) {
    return value.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c != 0x7f && c <= 0xff));
  }

  private static String printable(String name) {
    return name.replaceAll("[^\\x20-\\x7e]", "?");
  }

  private static String now() {
    long second = System.currentTimeMillis() / 1_000;
    var known = date;
    if (known.second() != second) {
      var text =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
      known = new Dated(second, text);
      date = known;
    }
    return known.text();
  }
}
