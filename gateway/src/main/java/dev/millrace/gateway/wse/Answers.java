package dev.millrace.gateway.wse;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/// What one client is sent besides the data of its topics: dressed the way it takes frames, in the
/// order it came, and bounded. Whoever asks faster than it reads is not read. Confined to the
/// connection's loop.
final class Answers {
  /// Answers after which the next message has to wait until they are on their way.
  private static final int MOST = 128;

  private final WseSession session;
  private final Workbench bench;
  private final WireChoice lane;
  private @Nullable Outgoing outgoing; // once a frame was not to leave as it was made
  private @Nullable KeyWait wait; // while the client's way to derive keys is not known
  private int answers; // since reading was held because of them
  private boolean held; // not read, because of its answers

  Answers(WseSession session, Workbench bench, WireChoice lane) {
    this.session = session;
    this.bench = bench;
    this.lane = lane;
  }

  /// An answer that the client waits for: without room for it the connection is of no use.
  void reply(ByteBuf frame) {
    if (!hand(frame)) {
      session.ending().answersAreNotRead();
    }
    if (++answers == MOST) {
      held = true;
      session.pauseReading();
      session.loop().execute(this::releaseUnlessBlocked);
    }
  }

  /// Something the client does without if there is no room; the hub counts it.
  void offer(ByteBuf frame) {
    var _ = hand(frame);
  }

  /// What a client is told before its connection is closed: the frame, dressed as far as that can
  /// be done now.
  @Nullable ByteBuf last(ByteBuf frame) {
    if (wait == null) {
      return dressed(frame);
    }
    frame.release(); // it could not be read, and must not stand there for everybody to read
    return null;
  }

  /// An answer that the client needs before it can read others: as it is.
  void handshake(ByteBuf frame) {
    if (!send(frame)) {
      session.ending().answersAreNotRead();
    }
  }

  /// Returns false if there is no room for it.
  private boolean hand(ByteBuf frame) {
    if (wait != null && SystemKind.of(frame) == SystemKind.OTHER) {
      return wait.offer(frame);
    }
    var ready = dressed(frame);
    return ready == null || send(ready);
  }

  private boolean send(ByteBuf frame) {
    if (!session.hubSession().send(frame)) {
      return false;
    }
    session.client().systemFrames++;
    return true;
  }

  private @Nullable ByteBuf dressed(ByteBuf frame) {
    int threshold = session.client().settings.compressionThreshold();
    return outgoing == null && frame.readableBytes() <= threshold ? frame : outgoing().dress(frame);
  }

  private Outgoing outgoing() {
    outgoing = outgoing == null ? new Outgoing(session, bench, lane) : outgoing;
    return outgoing;
  }

  // What frames look like has changed.

  /// Another setting holds from the next frame on.
  void settingsChanged() {
    var out = outgoing();
    session.hubSession().rewriteWith(out.rewritesData() ? out : null);
  }

  /// A key was agreed or given up, or a frame of the client's has shown how it derives keys, or
  /// that was waited for long enough.
  void keysChanged() {
    settingsChanged();
    var cipher = session.client().cipher;
    boolean undecided = cipher != null && cipher.isUndecided();
    if (undecided && wait == null) {
      wait = new KeyWait(session, this::keysChanged);
    } else if (!undecided && wait != null) {
      var over = wait;
      wait = null;
      for (var frame = over.next(); frame != null; frame = over.next()) {
        if (!hand(frame)) {
          session.ending().answersAreNotRead();
        }
      }
    }
  }

  /// A sealed frame of the client's was opened.
  void opened() {
    if (wait != null) {
      keysChanged();
    }
  }

  void close() {
    if (wait != null) {
      wait.close();
      wait = null;
    }
  }

  // Reading.

  boolean holdReading() {
    return held;
  }

  /// The socket has taken what it was given.
  void writable() {
    if (held) {
      session.loop().execute(this::release); // after the turn that hands the answers over
    }
  }

  private void releaseUnlessBlocked() {
    if (!session.hubSession().isBlocked()) {
      release();
    }
  }

  /// The answers are on their way: reads on.
  private void release() {
    answers = 0;
    held = false;
    session.resumeReading();
  }
}
