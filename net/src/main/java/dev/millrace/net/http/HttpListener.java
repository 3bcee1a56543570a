package dev.millrace.net.http;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.net.EventLoops;
import dev.millrace.net.tls.Tls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// One listening socket and the service behind it. Safe from any thread.
public final class HttpListener implements AutoCloseable {
  private static final int LAST_PORT = 65_535;

  private final Channel channel;

  private HttpListener(Channel channel) {
    this.channel = channel;
  }

  /// Listens without TLS; otherwise as the other one does.
  public static HttpListener bind(EventLoops loops, String host, int port, HttpService service)
      throws ProblemException {
    return bind(loops, host, port, service, null);
  }

  /// Listens on `host` (a name or an IP literal) and `port`, 0 for any free one, with `tls` or, if
  /// that is null, in the clear.
  ///
  /// @throws ProblemException if the address cannot be had, with what to do about it
  public static HttpListener bind(
      EventLoops loops, String host, int port, HttpService service, @Nullable Tls tls)
      throws ProblemException {
    if (port < 0 || port > LAST_PORT) {
      throw problem("E_BAD_ADDRESS", "there is no port " + port, "Choose one from 0 to 65535.");
    }
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException unknown) {
      throw problem(
          "E_BAD_ADDRESS",
          "the host " + host + " to listen on is not known to this machine",
          "Set server.host to an address of this machine, such as 127.0.0.1.");
    }
    var bound =
        loops
            .server()
            .handler(new ConnectionGate(loops))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel accepted) {
                    var loop = loops.loopOf(accepted);
                    var connection = new HttpConnection(loops, service, loop, accepted);
                    if (tls == null) {
                      connection.begin();
                    } else {
                      new TlsDoor(connection, loops, loop, accepted, tls).begin();
                    }
                  }
                })
            .bind(new InetSocketAddress(address, port))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw explained(host, port, bound.cause());
    }
    return new HttpListener(bound.channel());
  }

  /// Where it listens, with the real port.
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  public int port() {
    return address().getPort();
  }

  /// Accepts nothing more. Open connections go on; [EventLoops#close] ends them.
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  private static ProblemException explained(String host, int port, Throwable cause) {
    var words = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    var where = host + ":" + port;
    if (words.contains("in use")) {
      return problem(
          "E_PORT_IN_USE",
          "another program listens on " + where + " already",
          "Stop it, or choose another port with server.port or --set server.port=8081.");
    }
    if (words.contains("permission")) {
      return problem(
          "E_PORT_NOT_PERMITTED",
          "this user may not listen on " + where,
          "Choose a port above 1023, or let a service manager open the low one.");
    }
    return problem(
        "E_BAD_ADDRESS",
        "listening on " + where + " failed: " + cause.getMessage(),
        "Set server.host to an address of this machine, such as 127.0.0.1.");
  }

  private static ProblemException problem(String code, String what, String fix) {
    return new ProblemException(Problem.error(code, Location.of("server"), what, fix));
  }
}
