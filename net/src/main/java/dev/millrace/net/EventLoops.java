package dev.millrace.net;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.Clock;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The threads that own sockets: `millrace-loop-0` and on, on epoll where the machine has it, else
/// on NIO. All listeners and clients of a process share one of these, and with it the limits on
/// connections and on incomplete input.
///
/// Safe from any thread. [#close] ends every connection that is still open.
public final class EventLoops implements AutoCloseable {
  static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

  /// Missed deadlines are noticed this late at most.
  static final Duration SWEEP = Duration.ofMillis(100);

  /// A read starts at 2 KiB and grows to 256 KiB for a peer that keeps filling it; the buffer goes
  /// back to the pool after each read, so an idle connection holds none.
  private static final RecvByteBufAllocator READS =
      new AdaptiveRecvByteBufAllocator(512, 2_048, 256 << 10).maxMessagesPerRead(4);

  /// Nobody here asks a channel whether it is writable, so it need not say when that changes.
  private static final WriteBufferWaterMark NO_MARKS =
      new WriteBufferWaterMark(Integer.MAX_VALUE - 1, Integer.MAX_VALUE);

  private static final int BACKLOG = 4_096;

  private final NetSpec spec;
  private final boolean epoll;
  private final EventLoopGroup group;
  private final List<Loop> loops;
  private final Clock.Timer sweep;
  private final AtomicInteger openConnections = new AtomicInteger(); // every loop counts
  private final AtomicInteger next = new AtomicInteger(); // whoever asks counts on

  public EventLoops(NetSpec spec, Clock clock, Metrics metrics) {
    this(spec, clock, metrics, Epoll.isAvailable());
  }

  /// `epoll` false takes NIO also where epoll is there.
  EventLoops(NetSpec spec, Clock clock, Metrics metrics, boolean epoll) {
    this.spec = spec;
    this.epoll = epoll;
    var threads = new AtomicInteger();
    ThreadFactory named =
        work -> new FastThreadLocalThread(work, "millrace-loop-" + threads.getAndIncrement());
    this.group = new MultiThreadIoEventLoopGroup(spec.eventLoops(), named, factory(epoll));
    var budget = new MemoryBudget(spec.maxIncompleteInput().bytes());
    var made = new ArrayList<Loop>();
    for (var executor : group) {
      made.add(new Loop(made.size(), (EventLoop) executor, clock, metrics, budget));
    }
    this.loops = List.copyOf(made);
    this.sweep = clock.every(SWEEP, () -> loops.forEach(loop -> loop.execute(loop::sweep)));
    metrics.gauge(NetMetric.CONNECTIONS_OPEN, openConnections::get);
  }

  public List<Loop> loops() {
    return loops;
  }

  /// The loops in turn.
  public Loop next() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  public NetSpec spec() {
    return spec;
  }

  /// `epoll` or `nio`.
  public String transport() {
    return epoll ? "epoll" : "nio";
  }

  /// Connections that clients have open, over all listeners.
  public int openConnections() {
    return openConnections.get();
  }

  /// Counts one connection in, unless the limit is reached.
  public boolean admit() {
    if (openConnections.incrementAndGet() <= spec.maxConnections()) {
      return true;
    }
    openConnections.decrementAndGet();
    return false;
  }

  /// Counts an admitted connection out.
  public void leave() {
    openConnections.decrementAndGet();
  }

  /// The loop that owns `channel`.
  public Loop loopOf(Channel channel) {
    var events = channel.eventLoop();
    for (var loop : loops) {
      if (loop.events().equals(events)) {
        return loop;
      }
    }
    throw new IllegalArgumentException(channel + " belongs to none of these loops");
  }

  /// A server bootstrap on these loops, with everything set but the handlers.
  public ServerBootstrap server() {
    return new ServerBootstrap()
        .group(group)
        .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, NO_MARKS)
        .childOption(ChannelOption.ALLOCATOR, ALLOCATOR)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, READS);
  }

  /// A client bootstrap on `loop`, with everything set but the handler.
  public Bootstrap client(Loop loop) {
    return new Bootstrap()
        .group(loop.events())
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, NO_MARKS)
        .option(ChannelOption.ALLOCATOR, ALLOCATOR)
        .option(ChannelOption.RECVBUF_ALLOCATOR, READS);
  }

  /// Stops the loops: what they were told before still runs, then every socket is closed.
  /// Idempotent; returns when the threads are gone, after 10 s at the latest.
  @Override
  public void close() {
    sweep.cancel();
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }

  private static IoHandlerFactory factory(boolean epoll) {
    return epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }
}
