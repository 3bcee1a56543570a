package dev.millrace.net.websocket;

import dev.millrace.net.EventLoops;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Opens WebSockets to other servers, on the same loops as everything else. No compression and no
/// subprotocol is offered. Safe from any thread.
///
/// Back-pressure is [WebSocketConnection#pauseReading]. While reading is paused the server's pings
/// get no answer, because they stand behind the data in the same stream: pause for less than the
/// server's patience (30 s is safe almost everywhere), or take the data in and drop it.
public final class WebSocketClient {
  /// Addresses of one name that are tried.
  private static final int MAX_ADDRESSES = 8;

  private final EventLoops loops;
  private final SslContext tls;
  private final SecureRandom masks = new SecureRandom();

  /// Trusts what the JDK trusts, and checks the host name.
  public WebSocketClient(EventLoops loops) {
    this(loops, trustingTheJdk());
  }

  /// Trusts what `tls` trusts; host names are checked all the same.
  public WebSocketClient(EventLoops loops, SslContext tls) {
    this.loops = loops;
    this.tls = tls;
  }

  /// Where to and how. `timeout` runs from the call to the end of the handshake, over all
  /// addresses.
  public record Target(
      URI uri, Map<String, String> headers, WebSocketLimits limits, Duration timeout) {
    public Target {
      headers = Map.copyOf(headers);
    }

    /// Without headers and query, which may hold credentials.
    @Override
    public String toString() {
      return name();
    }

    /// `ws://host:port/path`, with neither credentials nor query.
    String name() {
      int port = uri.getPort();
      return uri.getScheme()
          + "://"
          + uri.getHost()
          + (port < 0 ? "" : ":" + port)
          + (uri.getRawPath() == null ? "" : uri.getRawPath());
    }

    boolean secure() {
      return "wss".equalsIgnoreCase(uri.getScheme());
    }

    /// Without the brackets of an IPv6 literal.
    String host() {
      var host = uri.getHost();
      return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    int port() {
      return uri.getPort() > 0 ? uri.getPort() : secure() ? 443 : 80;
    }

    private @Nullable String complaint() {
      var scheme = uri.getScheme();
      if (!"ws".equalsIgnoreCase(scheme) && !"wss".equalsIgnoreCase(scheme)) {
        return "a WebSocket address begins with ws:// or wss://, not " + scheme + ":";
      }
      return uri.getHost() == null ? "the WebSocket address names no host" : null;
    }
  }

  /// Connects. The outcome comes on the connection's loop, with what `listener` made as its
  /// listener; it never completes exceptionally. Cancelling it gives up.
  public CompletableFuture<ConnectOutcome> connect(
      Target target, Function<WebSocketConnection, WebSocketListener> listener) {
    var complaint = target.complaint();
    if (complaint != null) {
      return CompletableFuture.completedFuture(new ConnectOutcome.Failed(complaint));
    }
    var attempt = new ConnectAttempt(loops, target, target.secure() ? tls : null, listener, masks);
    attempt.loop().execute(attempt::begin);
    // Name lookup is native code that waits; neither a loop nor a carrier may do that.
    Thread.ofPlatform().name("millrace-lookup").daemon().start(() -> lookUp(target, attempt));
    return attempt.outcome();
  }

  private static void lookUp(Target target, ConnectAttempt attempt) {
    try {
      var found = List.of(InetAddress.getAllByName(target.host()));
      var tried = found.subList(0, Math.min(found.size(), MAX_ADDRESSES));
      attempt.loop().execute(() -> attempt.connect(tried));
    } catch (UnknownHostException unknown) {
      attempt.loop().execute(() -> attempt.fail("the host of " + target.name() + " is not known"));
    }
  }

  private static SslContext trustingTheJdk() {
    try {
      return SslContextBuilder.forClient()
          .sslProvider(SslProvider.JDK)
          .endpointIdentificationAlgorithm("HTTPS")
          .build();
    } catch (SSLException broken) {
      throw new IllegalStateException("this JDK has no usable TLS", broken);
    }
  }
}
