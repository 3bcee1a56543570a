package dev.millrace.gateway.session;

import dev.millrace.net.Loop;
import java.util.List;

/// A connection as its [Roster] needs it. Confined to its loop, but for [#id] and [#loop].
public interface Listed {
  String id();

  Loop loop();

  SessionView view();

  /// What it is subscribed to, or publishes on.
  List<String> topics();

  /// An operator wants it gone.
  void kicked(int code, String reason);
}
