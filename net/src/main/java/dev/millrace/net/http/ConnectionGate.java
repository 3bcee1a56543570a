package dev.millrace.net.http;

import dev.millrace.core.metric.Metrics;
import dev.millrace.net.EventLoops;
import dev.millrace.net.NetMetric;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts accepted sockets and closes those beyond a limit before they get a pipeline. Runs on
/// the loop of the listening socket.
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(ConnectionGate.class);

  private final EventLoops loops;
  private final Metrics metrics;
  private final CounterDataPoint accepted;
  private final CounterDataPoint failed;

  ConnectionGate(EventLoops loops) {
    this.loops = loops;
    this.metrics = loops.loops().getFirst().metrics();
    this.accepted = metrics.counter(NetMetric.CONNECTIONS);
    this.failed = metrics.counter(NetMetric.CONNECTIONS_REFUSED, "accept_failed");
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object read) {
    var child = (Channel) read;
    var refusal = loops.refusal(child);
    if (refusal != null) {
      metrics.counter(NetMetric.CONNECTIONS_REFUSED, refusal).inc();
      child.unsafe().closeForcibly();
      return;
    }
    accepted.inc();
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
