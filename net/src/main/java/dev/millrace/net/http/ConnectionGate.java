package dev.millrace.net.http;

import dev.millrace.core.metric.Metrics;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetMetric;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts accepted sockets and closes those beyond the limit before they get a pipeline. Runs on
/// the loop of the listening socket.
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ConnectionGate.class);

  private final EventLoops loops;
  private final ChannelFutureListener leave; // one for all connections
  private final CounterDataPoint accepted;
  private final CounterDataPoint overLimit;
  private final CounterDataPoint failed;

  ConnectionGate(EventLoops loops) {
    this.loops = loops;
    this.leave = closed -> loops.leave();
    Metrics metrics = loops.loops().getFirst().metrics();
    this.accepted = metrics.counter(NetMetric.CONNECTIONS);
    this.overLimit = metrics.counter(NetMetric.CONNECTIONS_REFUSED, "over_limit");
    this.failed = metrics.counter(NetMetric.CONNECTIONS_REFUSED, "accept_failed");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    var child = (Channel) read;
    if (!loops.admit()) {
      overLimit.inc();
      child.unsafe().closeForcibly();
      return;
    }
    accepted.inc();
    child.closeFuture().addListener(leave);
    context.fireChannelRead(read);
  }

  /// Out of file descriptors, most likely: whatever comes after this handler pauses accepting.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failed.inc();
    log.debug("Accepting a connection failed", cause);
    context.fireExceptionCaught(cause);
  }
}
