package dev.millrace.app.cli.watch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The topics of a server as two samples tell: messages published (`in`) and delivered (`out`),
/// both per second and NaN where there is nothing to compare with; messages that slow readers went
/// without; and who is behind.
public record FeedFigures(
    long topics, long sessions, double in, double out, long leftOut, List<Behind> behind) {

  /// A connection that has still to receive messages. `user` is empty without credentials.
  public record Behind(
      String id, String user, String state, long depth, long sent, long ageSeconds) {}

  public FeedFigures {
    behind = List.copyOf(behind);
  }

  /// Null where the server did not tell.
  static @Nullable FeedFigures between(Sample before, Sample now) {
    var stats = now.stats();
    if (stats == null) {
      return null;
    }
    double seconds = (now.nanos() - before.nanos()) / 1e9;
    var earlier = before.stats();
    var behind = new ArrayList<Behind>();
    for (var session : now.sessions()) {
      if (session.path("depth").asLong(0) > 0) {
        behind.add(behind(session));
      }
    }
    return new FeedFigures(
        stats.path("topics").asLong(0),
        stats.path("sessions").asLong(0),
        rate(stats, earlier, "published", seconds),
        rate(stats, earlier, "deliveries", seconds),
        stats.path("left_out").asLong(0),
        behind);
  }

  private static Behind behind(JsonNode session) {
    return new Behind(
        session.path("id").asString(""),
        session.path("user").asString(""),
        session.path("state").asString(""),
        session.path("depth").asLong(0),
        session.path("messages_out").asLong(0),
        session.path("age_s").asLong(0));
  }

  private static double rate(
      JsonNode now, @Nullable JsonNode before, String field, double seconds) {
    if (before == null || seconds <= 0) {
      return Double.NaN;
    }
    return Math.max(0, now.path(field).asLong(0) - before.path(field).asLong(0)) / seconds;
  }
}
