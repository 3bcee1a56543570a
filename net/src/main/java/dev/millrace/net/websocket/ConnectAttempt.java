package dev.millrace.net.websocket;

import dev.millrace.net.Closing;
import dev.millrace.net.Deadlines.Deadline;
import dev.millrace.net.EventLoops;
import dev.millrace.net.Loop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One call of [WebSocketClient#connect]: the addresses of a name, one after the other, until one
/// takes the connection, all under one deadline. Confined to its loop, except [#outcome].
final class ConnectAttempt {
  private final EventLoops loops;
  private final Loop loop;
  private final WebSocketClient.Target target;
  private final @Nullable SslContext tls;
  private final Function<WebSocketConnection, WebSocketListener> listener;
  private final SecureRandom masks;
  private final CompletableFuture<ConnectOutcome> outcome = new CompletableFuture<>();
  private final Deadline deadline;
  private @Nullable Channel channel;

  ConnectAttempt(
      EventLoops loops,
      WebSocketClient.Target target,
      @Nullable SslContext tls,
      Function<WebSocketConnection, WebSocketListener> listener,
      SecureRandom masks) {
    this.loops = loops;
    this.loop = loops.next();
    this.target = target;
    this.tls = tls;
    this.listener = listener;
    this.masks = masks;
    this.deadline =
        loop.deadlines()
            .create(() -> fail(target.name() + " did not answer within " + target.timeout()));
  }

  Loop loop() {
    return loop;
  }

  WebSocketClient.Target target() {
    return target;
  }

  SecureRandom masks() {
    return masks;
  }

  CompletableFuture<ConnectOutcome> outcome() {
    return outcome;
  }

  void begin() {
    deadline.set(target.timeout());
    var _ =
        outcome.whenComplete(
            (done, failure) -> {
              if (outcome.isCancelled()) {
                loop.execute(this::giveUp);
              }
            });
  }

  void connect(List<InetAddress> addresses) {
    if (outcome.isDone()) {
      return;
    }
    int timeoutMillis = (int) Math.min(target.timeout().toMillis(), Integer.MAX_VALUE);
    var connecting =
        loops
            .client(loop)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    fill(made);
                  }
                })
            .connect(new InetSocketAddress(addresses.getFirst(), target.port()));
    channel = connecting.channel();
    var _ =
        connecting.addListener(
            done -> {
              if (done.isSuccess() || outcome.isDone()) {
                return;
              }
              if (addresses.size() > 1) {
                connect(addresses.subList(1, addresses.size()));
              } else {
                fail(target.name() + " cannot be reached: " + done.cause().getMessage());
              }
            });
  }

  /// The handshake is done: the connection takes over the channel.
  void succeed(Channel opened) {
    deadline.clear();
    var connection =
        WebSocketConnection.open(
            opened, loop, new Upgrade.Accept(listener, target.limits()), masks);
    connection.flush();
    outcome.complete(new ConnectOutcome.Connected(connection));
  }

  void refused(ConnectOutcome.Refused answer) {
    giveUp();
    outcome.complete(answer);
  }

  void fail(String why) {
    giveUp();
    outcome.complete(new ConnectOutcome.Failed(why));
  }

  private void fill(Channel made) {
    if (tls != null) {
      var handler = tls.newHandler(made.alloc(), target.host(), target.port());
      handler.setHandshakeTimeoutMillis(target.timeout().toMillis());
      made.pipeline().addLast(handler);
    }
    new ClientHandshake(this, made).begin();
  }

  private void giveUp() {
    deadline.clear();
    if (channel != null) {
      Closing.now(channel);
    }
  }
}
