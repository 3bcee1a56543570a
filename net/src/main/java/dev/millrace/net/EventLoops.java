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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The threads that own sockets: `millrace-loop-0` and on, on epoll where the machine has it, else
/// on NIO. All listeners and clients of a process share one of these, and with it the limits on
/// connections, on incomplete input and on files, and the two threads that do what a loop must not.
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

  /// About as many as are done before the first of them has lost patience.
  public static final int MOST_HANDSHAKES = 8_192;

  private static final Duration CLOSING = Duration.ofSeconds(5);

  private volatile NetSpec spec; // written when the configuration changes
  private final MemoryBudget incompleteInput;
  private final boolean epoll;
  private final EventLoopGroup group;
  private final List<Loop> loops;
  private final Clock.Timer sweep;
  private final OpenSockets sockets = new OpenSockets();
  private final ConnectionCount connections = new ConnectionCount();
  private final ConnectionCount arriving = new ConnectionCount();

  /// Those that `arriving` counts; out again before long, so an open connection costs nothing here.
  private final Set<Channel> arrivals = ConcurrentHashMap.newKeySet();

  private final FileThread files = new FileThread();
  private final LiveCount live = new LiveCount();
  private final ThreadPoolExecutor handshakes = handshakeThread();
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
    this.incompleteInput = new MemoryBudget(spec.maxIncompleteInput().bytes());
    var made = new ArrayList<Loop>();
    for (var executor : group) {
      made.add(new Loop(made.size(), (EventLoop) executor, clock, metrics, incompleteInput));
    }
    this.loops = List.copyOf(made);
    this.sweep = clock.every(SWEEP, () -> loops.forEach(loop -> loop.execute(loop::sweep)));
    metrics.gauge(NetMetric.CONNECTIONS_OPEN, connections::open);
    metrics.gauge(NetMetric.CONNECTIONS_ARRIVING, arriving::open);
    metrics.gauge(NetMetric.FILE_ANSWERS_OPEN, files::onTheirWay);
    metrics.gauge(NetMetric.LIVE_ANSWERS_OPEN, live::open);
  }

  public List<Loop> loops() {
    return loops;
  }

  /// The loops in turn.
  public Loop next() {
    return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
  }

  /// What holds now; ask again for each connection or request, it may change.
  public NetSpec spec() {
    return spec;
  }

  /// Takes over what a new configuration says; [NetSpec] says from when on each key holds.
  /// `event_loops` keeps its effect from the start.
  public void apply(NetSpec changed) {
    incompleteInput.limit(changed.maxIncompleteInput().bytes());
    spec = changed;
  }

  /// The thread for files that are sent.
  public FileThread files() {
    return files;
  }

  /// How many answers without an end are on their way.
  public LiveCount live() {
    return live;
  }

  /// Where the arithmetic of TLS handshakes is done, `millrace-tls`, so that many clients that
  /// connect at once delay no message. Refuses when [#MOST_HANDSHAKES] wait: not even connections
  /// that have gone take theirs back, so their number would bound nothing.
  public Executor handshakes() {
    return handshakes;
  }

  /// `epoll` or `nio`.
  public String transport() {
    return epoll ? "epoll" : "nio";
  }

  /// Connections that clients have open, over all listeners.
  public int openConnections() {
    return connections.open();
  }

  /// Those of them that have not brought a whole request head yet.
  public int arrivingConnections() {
    return arriving.open();
  }

  /// Counts an accepted connection in until it is closed, and as one that arrives until
  /// [#arrived]. Returns null, or the reason why it has to be closed now: a value for a metric's
  /// label.
  public @Nullable String refusal(Channel accepted) {
    var limits = spec;
    var address = addressOf(accepted);
    var verdict =
        connections.admit(address, limits.maxConnections(), limits.maxConnectionsPerAddress());
    if (verdict != ConnectionCount.Verdict.ADMITTED) {
      return verdict.name().toLowerCase(Locale.ROOT);
    }
    verdict = arriving.admit(address, limits.maxArriving(), limits.maxArrivingPerAddress());
    if (verdict != ConnectionCount.Verdict.ADMITTED) {
      connections.leave(address);
      return "arriving_" + verdict.name().toLowerCase(Locale.ROOT);
    }
    sockets.remember(accepted);
    arrivals.add(accepted);
    accepted
        .closeFuture()
        .addListener(
            closed -> {
              arrived(accepted);
              connections.leave(address);
            });
    return null;
  }

  /// The connection has brought a whole request head. Called again it does nothing.
  public void arrived(Channel accepted) {
    if (arrivals.remove(accepted)) {
      arriving.leave(addressOf(accepted));
    }
  }

  private static @Nullable InetAddress addressOf(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
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
        .channelFactory(
            () ->
                sockets.remember(
                    epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel()))
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
        .channelFactory(
            () -> sockets.remember(epoll ? new EpollSocketChannel() : new NioSocketChannel()))
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, NO_MARKS)
        .option(ChannelOption.ALLOCATOR, ALLOCATOR)
        .option(ChannelOption.RECVBUF_ALLOCATOR, READS);
  }

  /// Stops the loops: what they were told before still runs, then every socket is closed and its
  /// owner hears of it. Idempotent; returns when the threads are gone, after 20 s at the latest.
  @Override
  public void close() {
    sweep.cancel();
    if (!group.isShuttingDown()) {
      sockets.closeAll(loops, CLOSING);
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    handshakes.shutdownNow();
    files.close();
  }

  private static ThreadPoolExecutor handshakeThread() {
    var thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_HANDSHAKES),
            work -> Thread.ofPlatform().name("millrace-tls").daemon().unstarted(work));
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  private static IoHandlerFactory factory(boolean epoll) {
    return epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
  }
}
