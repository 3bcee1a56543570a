package dev.millrace.gateway.acl;

import java.util.Locale;

/// What somebody wants to do with a topic.
public enum Action {
  SUBSCRIBE,
  PUBLISH;

  /// As rules and webhooks have it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
