package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import java.time.Duration;

/// The keys of the section `hub` that say how clients are treated: how many, for how long they are
/// remembered, how they are sent away. All of them change with the configuration, but for `debug`.
public record ClientSpec(
    @About(
            "Connections of one user at one time; a further one replaces the oldest, which is"
                + " closed with 4000. 0: any number. Callers without credentials are users of their"
                + " own.")
        @Default("0")
        @Range(min = 0, max = 1_000_000)
        int maxConnectionsPerUser,
    @About(
            "How long a user's subscriptions are kept after a connection ended uncleanly, for one"
                + " that connects again without topics in its address, to any instance of a"
                + " cluster. 0s keeps none.")
        @Default("120s")
        @Range(min = 0, max = 86_400)
        Duration restoreGrace,
    @About(
            "Memory for subscriptions that are kept; beyond it the oldest are forgotten. Each"
                + " instance of a cluster keeps as much in Redis.")
        @Default("16MiB")
        @Range(min = 1 << 10, max = 1L << 34)
        ByteSize restoreMemory,
    @About(
            "Close code for connections from which nothing came: 1000 ends them, 1012 makes clients"
                + " come back.")
        @Default("1000")
        @Range(min = 1000, max = 4999)
        int idleCloseCode,
    @About(
            "When the server stops, its connections are closed one after the other over this time"
                + " at most, a thousand a second if that is shorter.")
        @Default("5s")
        @Range(min = 0, max = 600)
        Duration closeSpread,
    @About("Whether whoever subscribes gets snapshots of the topics at once, where there are any.")
        @Default("false")
        boolean snapshotOnSubscribe,
    @About(
            "Whether callers that are not let in are answered with an HTTP status instead of an"
                + " error frame and a close code. Browsers cannot see the status.")
        @Default("false")
        boolean refuseUpgrade,
    @About(
            "Whether each connection's data frames are numbered: none, or per_connection, with a"
                + " member seq that goes up by 1. Numbered frames are written for every connection"
                + " by itself, at several times the cost. Counts for connections that come.")
        @Default("none")
        Numbering seq,
    @About(
            "Serve /wse/debug and /wse/compression-test, and on loopback the WebSocket /wse/echo,"
                + " for conformance suites.")
        @OnRestart
        @Default("false")
        boolean debug) {

  /// Which frames carry a `seq`.
  public enum Numbering {
    NONE,
    PER_CONNECTION
  }

  public ClientSpec {
    boolean sendable = idleCloseCode != 1004 && idleCloseCode != 1005 && idleCloseCode != 1006;
    if (!sendable || (idleCloseCode > 1014 && idleCloseCode < 3000)) {
      throw new IllegalArgumentException(
          "idle_close_code " + idleCloseCode + " is reserved; use 1000, 1012 or 4000 to 4999");
    }
  }
}
