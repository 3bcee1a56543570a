package dev.millrace.gateway.wse;

import dev.millrace.gateway.auth.Lease;
import dev.millrace.gateway.event.Kills;
import dev.millrace.net.websocket.CloseCode;
import dev.millrace.net.websocket.WebSocketConnection;
import io.netty.buffer.ByteBuf;

/// How this half ends one connection: its client is told why, as far as it will hear it, and the
/// end is counted. Confined to the connection's loop, but for [#replaced()].
final class Ending {
  private static final int SLOW = 4503;
  private static final int REPLACED = 4000;
  private static final String KIND = "client";

  private final WseSession session;
  private final WebSocketConnection connection;
  private boolean begun;

  Ending(WseSession session, WebSocketConnection connection) {
    this.session = session;
    this.connection = connection;
  }

  /// Whether it was this half that ended it.
  boolean hasBegun() {
    return begun;
  }

  /// The server stops.
  void restart() {
    if (connection.isOpen()) {
      session.context().counters.closedRestart.inc();
      close(CloseCode.RESTART, "Server restarting");
    }
  }

  /// Another connection of its user has taken its place. From any thread.
  void replaced() {
    connection
        .loop()
        .execute(
            () -> {
              if (connection.isOpen()) {
                session.context().counters.closedReplaced.inc();
                close(REPLACED, "Replaced by new connection");
              }
            });
  }

  /// The credentials it came with no longer let it in.
  void leaseEnded(Lease.End end) {
    var context = session.context();
    context.counters.closedLease.inc();
    kill(Kills.UNAUTHORIZED, end.reason());
    var hint = "Connect again with a sound token";
    tell(context.frames.denial("AUTH_FAILED", end.reason(), hint));
    close(end.closeCode(), end.reason());
  }

  /// Nothing came from it for too long.
  void idle() {
    var context = session.context();
    context.counters.closedIdle.inc();
    kill(Kills.SILENT, "nothing came from it");
    tell(
        context.frames.frame(
            "connection_state_change", session.stateChange("connected", "disconnected"), null));
    close(context.clients().idleCloseCode(), "Idle timeout");
  }

  /// Something is wrong with the connection itself.
  void fail(String oldState, String code, String message) {
    var frames = session.context().frames;
    tell(frames.frame("connection_state_change", session.stateChange(oldState, "error"), null));
    tell(frames.error(code, message, false, session.connectionId(), null));
    session.context().counters.closedFailing.inc();
    close(CloseCode.SERVER_ERROR, "Server error");
  }

  /// It has been given more answers than it reads.
  void answersAreNotRead() {
    if (connection.isOpen()) {
      session.context().counters.closedSlow.inc();
      kill(Kills.BACKPRESSURE, "answers are not being read");
      close(SLOW, "Answers are not being read");
    }
  }

  /// The hub gives up on it.
  void behind(int code, String reason) {
    kill(Kills.BACKPRESSURE, reason);
    close(code, reason);
  }

  /// An operator wants it gone.
  void kicked(int code, String reason) {
    kill(Kills.KICKED, reason);
    close(code, reason);
  }

  private void tell(ByteBuf frame) {
    var ready = session.answers().last(frame);
    if (ready != null) {
      connection.write(ready);
    }
  }

  private void close(int code, String reason) {
    begun = true;
    connection.close(code, reason);
  }

  private void kill(String reason, String detail) {
    if (connection.isOpen()) {
      session.context().kills.killed(KIND, session.connectionId(), reason, detail);
    }
  }
}
