package dev.millrace.app.config;

import dev.millrace.control.noc.NocSpec;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.SameLevel;
import dev.millrace.gateway.http.RouterSpec;
import dev.millrace.net.NetSpec;
import dev.millrace.net.tls.TlsSpec;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The process itself: where it listens, where it keeps its files, how it stops, and what it grants
/// its peers.
public record ServerSpec(
    @About("The address to listen on. Anything but loopback is refused until auth is configured.")
        @OnRestart
        @Default("127.0.0.1")
        String host,
    @About("The one port of the process; 0 takes any free one.")
        @OnRestart
        @Default("8080")
        @Range(min = 0, max = 65_535)
        int port,
    @About("Serves https and wss with this certificate. Its files are read again when they change.")
        @OnRestart
        @Nullable TlsSpec tls,
    @About("Further addresses to listen on, each for some surfaces or for all.") @OnRestart
        List<ListenerSpec> listeners,
    @About("The folder that holds every file of this process; one process at a time.")
        @OnRestart
        @Default("data")
        String dataDir,
    @About("How long stopping may take before frames are left and the exit code is 70.")
        @Default("10s")
        @Range(min = 0.1, max = 3_600)
        Duration drainTimeout,
    @SameLevel NetSpec connections,
    @SameLevel RouterSpec requests,
    @SameLevel NocSpec consoles) {
  public ServerSpec {
    listeners = List.copyOf(listeners);
  }
}
