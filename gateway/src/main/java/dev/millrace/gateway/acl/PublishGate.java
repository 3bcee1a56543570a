package dev.millrace.gateway.acl;

import org.jspecify.annotations.Nullable;

/// Whether one connection may publish to a topic, remembering the last answer: whoever publishes
/// much publishes to the same topic. The caller's role is that of the moment it began to publish.
/// Confined to the connection's loop.
public final class PublishGate {
  private final TopicAccess access;
  private final Caller caller;
  private @Nullable Object generation;
  private String topic = "";
  private boolean granted;

  public PublishGate(TopicAccess access, Caller caller) {
    this.access = access;
    this.caller = caller;
  }

  public Caller caller() {
    return caller;
  }

  /// Null if somebody has to be asked.
  @SuppressWarnings("ReferenceEquality") // rules are replaced, never changed
  public @Nullable Boolean known(String wanted) {
    var now = access.generation();
    if (now != null && granted && generation == now && topic.equals(wanted)) {
      return Boolean.TRUE;
    }
    var known = access.known(caller, Action.PUBLISH, wanted);
    granted = Boolean.TRUE.equals(known);
    generation = now;
    topic = wanted;
    return known;
  }
}
