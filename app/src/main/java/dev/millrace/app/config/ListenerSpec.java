package dev.millrace.app.config;

import dev.millrace.core.route.Surface;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import java.util.List;

/// A further address to listen on.
public record ListenerSpec(
    @About("Address and port, such as 0.0.0.0:8443 or [::]:8443.") String bind,
    @About("The surfaces served there: wse, sse, publish, noc, api, admin and so on. Empty: all.")
        List<Surface> serve,
    @About("Whether it speaks TLS with the certificate of server.tls.") @Default("false")
        boolean tls) {

  public ListenerSpec {
    serve = List.copyOf(serve);
    if (!bind.matches("(\\[[0-9A-Fa-f:.%]+]|[^\\[\\]:]+):\\d{1,5}")) {
      throw new IllegalArgumentException(
          "bind is " + bind + "; write an address and a port, such as 0.0.0.0:8443");
    }
  }

  /// The name or IP literal, without brackets.
  public String host() {
    var host = bind.substring(0, bind.lastIndexOf(':'));
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  public int port() {
    return Integer.parseInt(bind.substring(bind.lastIndexOf(':') + 1));
  }
}
