package dev.millrace.net.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Makes a [RequestHead] of what the decoder gives, or says what is wrong with it. Source: RFC
/// 9112, section 3.
final class RequestHeads {
  private static final InetSocketAddress NOWHERE =
      InetSocketAddress.createUnresolved("embedded", 0);

  /// Bytes beyond which a body is not read before the service has had a look at the head: callers
  /// that it does not know must not use up the memory of those it does.
  private static final int LONG_BODY = 64 << 10;

  private RequestHeads() {}

  static boolean announcesLongBody(HttpRequest request) {
    return HttpUtil.isTransferEncodingChunked(request)
        || HttpUtil.getContentLength(request, 0L) > LONG_BODY;
  }

  /// Why a head is refused; carries no stack, because it is an answer and not a failure.
  static final class Malformed extends Exception {
    private final transient int status;

    Malformed(int status, String what) {
      super(what, null, false, false);
      this.status = status;
    }

    int status() {
      return status;
    }

    /// What went wrong, in words.
    String what() {
      var what = getMessage();
      return what == null ? "" : what;
    }
  }

  static RequestHead of(HttpRequest request, Channel channel) throws Malformed {
    var version = request.protocolVersion();
    if (version.majorVersion() != 1) {
      throw new Malformed(505, "this server speaks HTTP/1.1");
    }
    int hosts = request.headers().getAll("host").size();
    if (hosts > 1 || (hosts == 0 && version.minorVersion() > 0)) {
      throw new Malformed(400, "a request needs exactly one Host header, not " + hosts);
    }
    var target = originForm(request.uri());
    int question = target.indexOf('?');
    var path = question < 0 ? target : target.substring(0, question);
    return new RequestHead(
        request.method().name(),
        path,
        decoded(path, false),
        question < 0 ? Map.of() : query(target.substring(question + 1)),
        headers(request),
        literal(channel.remoteAddress()),
        channel.localAddress() instanceof InetSocketAddress local ? local : NOWHERE,
        channel.pipeline().get(SslHandler.class) != null);
  }

  /// Takes the scheme and authority off a target in absolute form.
  private static String originForm(String target) throws Malformed {
    if (target.startsWith("/") || target.equals("*")) {
      return target;
    }
    int scheme = target.indexOf("://");
    if (scheme < 0) {
      throw new Malformed(400, "the request target must begin with a slash");
    }
    for (int i = scheme + 3; i < target.length(); i++) {
      if (target.charAt(i) == '/') {
        return target.substring(i);
      }
      if (target.charAt(i) == '?') {
        return "/" + target.substring(i);
      }
    }
    return "/";
  }

  private static Map<String, List<String>> query(String raw) throws Malformed {
    var values = new LinkedHashMap<String, List<String>>();
    for (var pair : raw.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        var name = decoded(equals < 0 ? pair : pair.substring(0, equals), true);
        var value = equals < 0 ? "" : decoded(pair.substring(equals + 1), true);
        values.computeIfAbsent(name, first -> new ArrayList<>(1)).add(value);
      }
    }
    return Collections.unmodifiableMap(values);
  }

  private static String decoded(String raw, boolean plusIsSpace) throws Malformed {
    try {
      return PercentCoding.decode(raw, plusIsSpace);
    } catch (IllegalArgumentException broken) {
      throw new Malformed(400, String.valueOf(broken.getMessage()));
    }
  }

  private static Map<String, String> headers(HttpRequest request) {
    var headers = new LinkedHashMap<String, String>();
    var repeated = new HashMap<String, StringBuilder>(0); // joined once, however often they came
    for (var header : request.headers()) {
      var name = header.getKey().toLowerCase(Locale.ROOT);
      var first = headers.putIfAbsent(name, header.getValue());
      if (first != null) {
        repeated
            .computeIfAbsent(name, again -> new StringBuilder(first))
            .append(name.equals("cookie") ? "; " : ", ")
            .append(header.getValue());
      }
    }
    repeated.forEach((name, values) -> headers.put(name, values.toString()));
    return Collections.unmodifiableMap(headers);
  }

  private static String literal(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getHostAddress()
        : "";
  }
}
