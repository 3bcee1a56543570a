package dev.millrace.control.noc;

import dev.millrace.core.route.Principal;
import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.auth.LeaseWatch;
import dev.millrace.gateway.event.Kills;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import dev.millrace.net.websocket.WebSocketListener;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One operator's console. It gets the whole picture first, then every event from the moment it was
/// opened; what it asks for is done one after the other, each on a virtual thread, and answered in
/// that order.
///
/// A console that does not keep up is killed: what waits for it is thrown away, it is told so, and
/// it is cut a second later at the latest. Confined to the connection's loop.
final class NocSession implements WebSocketListener {
  static final int PROTOCOL_ERROR = 4000;
  static final int OVERFLOW = 4008;
  static final String OVERFLOW_REASON = "BackpressureOverflow";
  private static final int UNACCEPTABLE = 1003; // RFC 6455, section 7.4.1

  /// Things to do that may wait for one console.
  private static final int MAX_ERRANDS = 64;

  private static final int MAX_INVALID = 10;
  private static final long INVALID_WINDOW_NANOS = Duration.ofSeconds(10).toNanos();

  private final NocEndpoint endpoint;
  private final LoopSockets sockets;
  private final WebSocketConnection connection;
  private final Lease lease;
  private final String id;
  private final Outgoing outgoing;
  private final ArrayDeque<Supplier<byte[]>> errands = new ArrayDeque<>();
  private final ArrayDeque<Long> invalidNanos = new ArrayDeque<>();
  private boolean busy; // an errand is being run
  private boolean greeted;
  private boolean pumpDue;
  private boolean over;
  private LeaseWatch.@Nullable Watched watched;

  /// `id` names the console in logs and signals; it opens nothing.
  NocSession(
      NocEndpoint endpoint,
      LoopSockets sockets,
      WebSocketConnection connection,
      Lease lease,
      String id) {
    this.endpoint = endpoint;
    this.sockets = sockets;
    this.connection = connection;
    this.lease = lease;
    this.id = id;
    this.outgoing = new Outgoing(connection);
  }

  String id() {
    return id;
  }

  /// Who this is now; its role may have changed since it connected.
  Principal principal() {
    return lease.principal();
  }

  String address() {
    return connection.remoteAddress();
  }

  LoopSockets sockets() {
    return sockets;
  }

  @Override
  public void opened() {
    // Events count from here, so that none is lost between the picture and the first of them.
    sockets.add(this);
    endpoint.joined();
    watched = endpoint.leases().watch(connection.loop(), lease, this::leaseEnded);
    var caller = principal();
    errands.add(() -> endpoint.hello(caller));
    runNext();
  }

  @Override
  public void message(boolean text, ByteBuf payload) {
    if (over) {
      return;
    }
    if (!text) {
      end(UNACCEPTABLE, "text only");
      return;
    }
    switch (NocRequest.read(ByteBufUtil.getBytes(payload))) {
      case NocRequest.Ping(var requestId) -> offer(NocFrames.pong(requestId, endpoint.now()));
      case NocRequest.Snapshot(var requestId) -> {
        var caller = principal();
        errand(requestId, () -> endpoint.hello(caller));
      }
      case NocRequest.Order order -> order(order);
      case NocRequest.Invalid(var requestId, var code, var message) -> {
        offer(NocFrames.error(requestId, code, message));
        countInvalid();
      }
    }
  }

  @Override
  public void readComplete() {
    pump();
  }

  @Override
  public void writable() {
    pump();
  }

  @Override
  public void closed(int code, String reason) {
    forgetEverything();
    if (watched != null) {
      watched.forget();
    }
    sockets.remove(this);
    endpoint.left(this);
  }

  /// Adds a message; [#pump] sends it. Kills the console when there is no room.
  void offer(byte[] frame) {
    if (over || outgoing.offer(frame, endpoint.spec())) {
      return;
    }
    var detail = outgoing.messages() + " messages, " + outgoing.bytes() + " bytes waiting";
    forgetEverything();
    connection.close(OVERFLOW, OVERFLOW_REASON);
    endpoint.killed(this, OVERFLOW_REASON, detail);
  }

  /// Sends what the socket takes.
  void pump() {
    if (!over && greeted && outgoing.write() && !pumpDue) {
      pumpDue = true;
      sockets.execute(
          () -> {
            pumpDue = false;
            pump();
          });
    }
  }

  /// The server stops.
  void restart() {
    end(CloseCode.RESTART, "EngineShutdown");
  }

  /// Its credentials have expired, or were taken out of the configuration.
  private void leaseEnded(Lease.End ended) {
    if (!over) {
      end(ended.closeCode(), ended.reason());
      endpoint.killed(this, Kills.UNAUTHORIZED, ended.reason());
    }
  }

  private void order(NocRequest.Order order) {
    // The picture is not part of the answer: it has the form that consoles know.
    var caller = principal();
    if (order.name().equals("snapshot")) {
      errand(order.id(), () -> endpoint.hello(caller));
    }
    errand(order.id(), () -> endpoint.execute(order, this, caller));
  }

  private void errand(@Nullable JsonNode requestId, Supplier<byte[]> errand) {
    if (over) {
      return;
    }
    if (errands.size() >= MAX_ERRANDS) {
      endpoint.tooMany();
      offer(
          NocFrames.error(
              requestId,
              "TOO_MANY_COMMANDS",
              MAX_ERRANDS + " wait already; send more when they have been answered"));
      return;
    }
    errands.add(errand);
    runNext();
  }

  private void runNext() {
    var errand = busy ? null : errands.poll();
    if (errand == null) {
      return;
    }
    busy = true;
    Thread.ofVirtual().name("millrace-" + id).start(() -> run(errand));
  }

  /// On a thread of its own.
  private void run(Supplier<byte[]> errand) {
    byte[] answer = null;
    try {
      answer = errand.get();
    } catch (RuntimeException failure) {
      endpoint.failed(this, failure);
    } finally {
      var made = answer;
      sockets.execute(() -> answered(made));
    }
  }

  private void answered(byte @Nullable [] answer) {
    busy = false;
    if (over) {
      endpoint.followers().end(this); // it may have begun to follow the log after it was over
      return;
    }
    if (answer == null) {
      end(CloseCode.SERVER_ERROR, "Server error");
      return;
    }
    if (greeted) {
      offer(answer);
    } else {
      greeted = true;
      outgoing.addFirst(answer);
    }
    pump();
    runNext();
  }

  private void countInvalid() {
    endpoint.invalid();
    long now = endpoint.nanoTime();
    invalidNanos.add(now);
    if (invalidNanos.size() >= MAX_INVALID && now - invalidNanos.remove() <= INVALID_WINDOW_NANOS) {
      end(PROTOCOL_ERROR, "ProtocolError");
    }
  }

  /// Sends what the socket still takes, then closes.
  private void end(int code, String reason) {
    pump();
    forgetEverything();
    connection.close(code, reason);
  }

  private void forgetEverything() {
    over = true;
    outgoing.clear();
    errands.clear();
  }
}
