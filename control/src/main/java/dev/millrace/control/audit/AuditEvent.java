package dev.millrace.control.audit;

import dev.millrace.core.json.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// Something that was asked of the process, and what became of it. `origin` is where it was asked
/// (`rest`, `noc`, `signal`, `watch`, `process`), `actor` the name of whoever asked, never a
/// credential. `arguments` may hold anything: the trail masks them. `error` is null when `ok`.
/// `count` is how many such things this stands for; an entry says so where it is not 1. `outcome`
/// is what it came to, empty where `applied` says all.
public record AuditEvent(
    String origin,
    String command,
    @Nullable String target,
    ObjectNode arguments,
    boolean ok,
    boolean applied,
    @Nullable String error,
    String actor,
    @Nullable String role,
    @Nullable String address,
    @Nullable String requestId,
    long count,
    ObjectNode outcome) {
  private static final int LONGEST_NAME = 128;
  private static final int LONGEST_TEXT = 512;

  public AuditEvent {
    origin = Text.clipped(origin, LONGEST_NAME);
    command = Text.clipped(command, LONGEST_NAME);
    target = clippedOrNull(target, LONGEST_NAME);
    error = clippedOrNull(error, LONGEST_TEXT);
    actor = Text.clipped(actor, LONGEST_NAME);
    role = clippedOrNull(role, LONGEST_NAME);
    address = clippedOrNull(address, LONGEST_NAME);
    requestId = clippedOrNull(requestId, LONGEST_NAME);
  }

  public AuditEvent(
      String origin,
      String command,
      @Nullable String target,
      ObjectNode arguments,
      boolean ok,
      boolean applied,
      @Nullable String error,
      String actor,
      @Nullable String role,
      @Nullable String address,
      @Nullable String requestId) {
    this(
        origin,
        command,
        target,
        arguments,
        ok,
        applied,
        error,
        actor,
        role,
        address,
        requestId,
        1,
        Json.mapper().createObjectNode());
  }

  /// Something the process did by itself: `start`, `stop`, a reload that a changed file caused.
  public static AuditEvent lifeCycle(
      String origin, String what, boolean applied, @Nullable String error) {
    var none = Json.mapper().createObjectNode();
    return new AuditEvent(
        origin, what, null, none, error == null, applied, error, "millrace", null, null, null);
  }

  /// The same, and what it came to.
  public AuditEvent with(ObjectNode came) {
    return new AuditEvent(
        origin, command, target, arguments, ok, applied, error, actor, role, address, requestId,
        count, came);
  }

  /// `n` numbers the entries of a trail without gaps, across restarts too.
  ObjectNode toJson(String timestamp, long n, long generation) {
    var json = Json.mapper().createObjectNode().put("ts", timestamp).put("n", n);
    json.put("origin", origin).put("command", command).put("target", target);
    json.set("arguments", Masking.of(arguments));
    json.put("ok", ok)
        .put("applied", applied)
        .put("error", error)
        .put("actor", actor)
        .put("role", role)
        .put("address", address)
        .put("request_id", requestId)
        .put("generation", generation);
    if (!outcome.isEmpty()) {
      json.set("outcome", outcome);
    }
    return count == 1 ? json : json.put("count", count);
  }

  private static @Nullable String clippedOrNull(@Nullable String text, int longest) {
    return text == null ? null : Text.clipped(text, longest);
  }
}
