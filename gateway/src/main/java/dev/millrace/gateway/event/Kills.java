package dev.millrace.gateway.event;

import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.SignalBus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of connections that were ended against their will: each is a record in the log
/// (`event=kill`) and a [Killed] on the bus. Safe from any thread.
public final class Kills {
  /// Reads too slowly for what it asked for.
  public static final String BACKPRESSURE = "BackpressureOverflow";

  /// Its credentials have expired or were taken back.
  public static final String UNAUTHORIZED = "Unauthorized";

  /// Nothing came from it for too long.
  public static final String SILENT = "PingTimeout";

  /// An operator ended it.
  public static final String KICKED = "AdminKick";

  private static final Logger log = LoggerFactory.getLogger(Kills.class);

  private final SignalBus bus;

  public Kills(SignalBus bus) {
    this.bus = bus;
  }

  /// `kind` is what kind of client, such as `client` or `publisher`; `id` names it without being a
  /// credential; `reason` is one of the constants.
  public void killed(String kind, String id, String reason, @Nullable String detail) {
    var entry =
        log.atInfo()
            .addKeyValue("event", "kill")
            .addKeyValue("kind", kind)
            .addKeyValue("id", id)
            .addKeyValue("reason", reason);
    (detail == null ? entry : entry.addKeyValue("detail", detail))
        .log("Ended the {} {}: {}", kind, id, reason);
    bus.announce(new Killed(kind, id, reason, detail));
  }
}
