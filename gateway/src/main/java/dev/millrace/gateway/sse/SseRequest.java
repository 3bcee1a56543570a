package dev.millrace.gateway.sse;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.gateway.acl.Caller;
import java.util.List;

/// What a client asked for: topics, and from where, by the id of the last event it has got. `name`
/// is who it is, fit for logs, and `caller` what rules are asked about.
record SseRequest(
    List<String> topics,
    String lastEventId,
    List<Position> from,
    String name,
    boolean anonymous,
    Caller caller) {

  /// `topics` may be given once with commas or several times; the header `Last-Event-ID`, which
  /// browsers send by themselves, wins over the parameter `lastEventId`.
  static SseRequest of(Request request, Principal caller) {
    var topics =
        request.query().getOrDefault("topics", List.of()).stream()
            .flatMap(list -> java.util.Arrays.stream(list.split(",", -1)))
            .map(String::strip)
            .filter(topic -> !topic.isEmpty())
            .distinct()
            .toList();
    var id = request.header("last-event-id").or(() -> request.queryValue("lastEventId")).orElse("");
    boolean anonymous = caller.kind() == Principal.Kind.ANONYMOUS;
    return new SseRequest(
        topics, id, Position.readAll(id), caller.name(), anonymous, Caller.of(caller));
  }

  /// Whether the client was here before.
  boolean isReturning() {
    return !lastEventId.isEmpty();
  }
}
