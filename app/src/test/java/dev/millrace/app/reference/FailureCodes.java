package dev.millrace.app.reference;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What the codes in answers and messages mean: `error.code` over REST and on `/ws/noc`, `p.code`
/// of an error frame on `/wse` and `/ws/publish`. A test finds a code in the source or in the route
/// table that is missing here, and one here that is nowhere any more.
final class FailureCodes {
  /// A status and its code, side by side: so a failure is made everywhere.
  static final Pattern WITH_STATUS = Pattern.compile("\\b([45]\\d{2}),\\s*\"([A-Z][A-Z_]+)\"");

  /// A code of several words, wherever it stands.
  static final Pattern SEVERAL_WORDS = Pattern.compile("\"([A-Z]+(?:_[A-Z]+)+)\"");

  /// Words of the same look that are no codes.
  static final Set<String> OTHER_WORDS =
      Set.of("CONFIG_DIR", "MILLRACE_PLUGINS", "MILLRACE_TOKEN", "NO_COLOR");

  /// What the hub refuses with becomes a code of the API without its prefix.
  static final Set<String> OF_THE_HUB =
      Set.of("BATCH_TOO_LARGE", "TOO_MANY_TOPICS", "CLOSED", "MESSAGE_NAME");

  private FailureCodes() {}

  static SequencedMap<String, String> all() {
    var codes = new LinkedHashMap<String, String>();
    access(codes);
    http(codes);
    commands(codes);
    events(codes);
    return codes;
  }

  /// The statuses that go with `code` in `source`: `409, 503`; empty where it is a message's alone.
  static String statuses(String code, SourceCode source) {
    var statuses = new TreeSet<String>();
    source
        .matches(WITH_STATUS)
        .filter(match -> match.group(2).equals(code))
        .forEach(match -> statuses.add(match.group(1)));
    switch (code) {
      case "BATCH_TOO_LARGE" -> statuses.add("413");
      case "TOO_MANY_TOPICS", "CLOSED" -> statuses.add("503");
      default -> {}
    }
    return String.join(", ", statuses);
  }

  private static void access(SequencedMap<String, String> codes) {
    codes.put("AUTH_REQUIRED", "No credentials were shown, and they are needed.");
    codes.put("AUTH_FAILED", "The credentials shown are not sound; the message says why.");
    codes.put("FORBIDDEN", "The caller is known and its role does not suffice.");
    codes.put(
        "ORIGIN_NOT_ALLOWED",
        "A web page of another origin, or a `Host` that is not this machine:"
            + " `server.allowed_origins`.");
    codes.put(
        "RATE_LIMITED",
        "The address asks too often, or failed too often; `Retry-After` says when to try again.");
    codes.put(
        "RATE_LIMIT_EXCEEDED", "A connection sends more than `hub.rate_limit`; it is a warning.");
    codes.put("SERVER_OVERLOAD", "There are `hub.max_connections` connections already.");
    codes.put("TOO_MANY_CLIENTS", "There are `server.max_noc_clients` operators' sockets already.");
  }

  private static void http(SequencedMap<String, String> codes) {
    codes.put("NOT_FOUND", "There is nothing at this path, or nothing of that name.");
    codes.put("METHOD_NOT_ALLOWED", "The path answers to other methods; `Allow` lists them.");
    codes.put("UPGRADE_REQUIRED", "The path is a WebSocket.");
    codes.put("BAD_HANDSHAKE", "A WebSocket handshake is not as RFC 6455 wants it.");
    codes.put("BAD_REQUEST", "The bytes are not an HTTP request, or a message lacks something.");
    codes.put("BAD_JSON", "The body or the message is not one JSON object.");
    codes.put("UNSUPPORTED_MEDIA_TYPE", "A JSON body without `Content-Type: application/json`.");
    codes.put(
        "BODY_TOO_LARGE", "The body is longer than `server.max_request_body`, or a command's.");
    codes.put("URI_TOO_LONG", "The request line is longer than `server.max_request_head`.");
    codes.put("HEADERS_TOO_LARGE", "The headers are longer than `server.max_request_head`.");
    codes.put("EXPECTATION_FAILED", "Only `Expect: 100-continue` is understood.");
    codes.put("TLS_WANTED", "The port speaks TLS only.");
    codes.put("TOO_SLOW", "The request did not arrive in time.");
    codes.put("TIMEOUT", "The answer took too long. A command goes on: see `GET /api/v1/audit`.");
    codes.put(
        "BUSY",
        "Too many requests at once, the same thing is being done already, or nobody had time.");
    codes.put("OVERLOADED", "Too many bodies, files or answers without an end are on their way.");
    codes.put("INTERNAL", "A defect; the log says more, under the `request_id`.");
    codes.put("NOT_YET", "There is no snapshot yet, a second after the start.");
  }

  private static void commands(SequencedMap<String, String> codes) {
    codes.put("UNKNOWN_COMMAND", "There is no command of that name.");
    codes.put("UNKNOWN_OP", "`op` is none of command, snapshot and ping.");
    codes.put("VALIDATION_FAILED", "An argument is wrong; `details.field` names it.");
    codes.put("BAD_ARGUMENT", "An argument of a socket's own command is wrong.");
    codes.put("AMBIGUOUS", "An argument stands in the body and in the query.");
    codes.put("TOO_MANY_COMMANDS", "Too many commands wait or are under way.");
    codes.put("INTERRUPTED", "A command was interrupted because the process stops.");
    codes.put("SHUTTING_DOWN", "The process is stopping, and takes no command.");
    codes.put(
        "CONFIG_INVALID",
        "The configuration is wrong and the old one stays in force; `details.errors` lists why.");
    codes.put("UNKNOWN_PIPELINE", "There is no pipeline of that name.");
    codes.put("PAUSED", "All pipelines are paused, so one cannot run, or the one is.");
    codes.put("START_FAILED", "A pipeline cannot start; the details say why.");
    codes.put(
        "NOT_CHANGED", "A pipeline keeps its graph, since nodes do not get through their frames.");
    codes.put("UNKNOWN_NODE", "The pipeline has no such node, or the node keeps no frames.");
    codes.put(
        "ANSWER_TOO_LARGE", "The frames a node keeps are too many for one answer; use `limit`.");
    codes.put("INVALID_TRANSITION", "The pipeline's state does not allow that move.");
    codes.put("PIPELINE_EXISTS", "There is a pipeline of that name already.");
    codes.put("TOO_MANY_PIPELINES", "There are 1,000 pipelines already that were made so.");
    codes.put("CONFIGURED", "The configuration has the pipeline: remove it there.");
    codes.put("BAD_GRAPH", "A graph is wrong; `details.errors` lists why and where.");
    codes.put("BAD_FRAME", "A frame is wrong; `details.errors` says where.");
    codes.put("NOT_TAKEN", "The pipeline does not run, or takes no triggers there.");
    codes.put("QUEUE_FULL", "A pipeline has no room for a frame; wait, or ask with `wait=true`.");
    codes.put("TOO_MANY_TAPS", "Too many taps are open on one pipeline.");
    codes.put("BACKUP_RUNNING", "Another backup is being written.");
    codes.put("INSUFFICIENT_SPACE", "The disk has too little space for a backup.");
    codes.put(
        "NO_SUCH_BACKUP", "It has been fetched or replaced, is over an hour old, or never was.");
    codes.put("BACKUP_FAILED", "A backup could not be written.");
  }

  private static void events(SequencedMap<String, String> codes) {
    codes.put("HANDLER_ERROR", "A message on `/wse` could not be handled: a defect; see the log.");
    codes.put(
        "CIRCUIT_BREAKER_OPEN",
        "Nearly every message of a connection on `/wse` failed; it is closed with 1011.");
    codes.put("ENCRYPTION_REQUIRED", "Keys are renewed only where frames are encrypted.");
    codes.put(
        "KEY_EXCHANGE_FAILED", "The client's public key cannot be used; the message says why.");
    codes.put(
        "BAD_EVENT", "The body is not an event, or not a list of them; `details.at` says where.");
    codes.put("REDIS_AWAY", "Redis is away, or refuses to publish; dead letters wait for it.");
    codes.put("BAD_TOPIC", "No topic can be called that.");
    codes.put("TOPIC_NAME", "The same, on a socket.");
    codes.put("MESSAGE_NAME", "An event's type, id or correlation id is too long or missing.");
    codes.put("MESSAGE_TOO_LARGE", "An event, or a message, is over its limit.");
    codes.put("BATCH_TOO_LARGE", "More events at once than may wait.");
    codes.put("TOO_MANY_TOPICS", "There are `hub.max_topics` topics already.");
    codes.put("TOPIC_FORBIDDEN", "The caller may not have this topic: `hub.acl`, or a webhook.");
    codes.put("NO_TOPICS", "A request for events names no topic.");
    codes.put("TOO_MANY_SUBSCRIPTIONS", "A request for events names too many topics.");
    codes.put("ALREADY_DRAINING", "A program waits for messages on this connection already.");
    codes.put("BAD_LIMIT", "The number of messages asked for is not from 1 to 1000.");
    codes.put("NO_HISTORY", "The topic keeps no messages: `hub.topics`, `hub.recovery`.");
    codes.put("NO_PRESENCE", "The topic does not know who is there: `hub.presence.enabled`.");
    codes.put("INBOX_FULL", "The server cannot keep up; `Retry-After` says when to try again.");
    codes.put("CLOSED", "The server is stopping.");
    codes.put("INVALID_MESSAGE", "A frame or a publish message is not what it must be.");
    codes.put("INVALID_SUBSCRIPTION", "A subscription names no topics, or too many.");
    codes.put("INVALID_ACTION", "A subscription's action is neither subscribe nor unsubscribe.");
  }
}
