package dev.millrace.net;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Spec;
import java.time.Duration;
import java.util.List;

/// What one process grants its peers: threads, connections, and the limits of a single request or
/// message. The keys stand under `server`.
///
/// Except `event_loops` all of them change while the process runs ([EventLoops#apply]): limits on
/// connections and memory at once, `max_request_head` with the next connection, the other limits
/// and times of HTTP with the next request, those of WebSockets with the next WebSocket.
public record NetSpec(
    @About("Threads that own sockets; on two cores one does more than two.")
        @Default("1")
        @Range(min = 1, max = 256)
        @OnRestart
        int eventLoops,
    @About("Connections open at the same time, over all listeners; further ones are closed.")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        int maxConnections,
    @About(
            "Connections open at the same time from one address, or one IPv6 network of 64 bits;"
                + " further ones are closed. 0: no limit. Behind a proxy all clients have its"
                + " address.")
        @Default("0")
        @Range(min = 0, max = 10_000_000)
        int maxConnectionsPerAddress,
    @About(
            "Connections at the same time that have not brought a whole request head yet, over all"
                + " listeners, TLS handshakes included; further ones are closed.")
        @Default("65536")
        @Range(min = 1, max = 10_000_000)
        int maxArriving,
    @About(
            "The same for one address, or one IPv6 network of 64 bits, so that one host alone"
                + " cannot keep the others out. 0: no limit.")
        @Default("32768")
        @Range(min = 0, max = 10_000_000)
        int maxArrivingPerAddress,
    @About("Longest request line, and longest header block; beyond it 414 or 431.")
        @Default("64KiB")
        @Range(min = 1_024, max = 1 << 20)
        ByteSize maxRequestHead,
    @About("Longest request body; beyond it 413.")
        @Default("16MiB")
        @Range(min = 1_024, max = 1 << 30)
        ByteSize maxRequestBody,
    @About("Longest WebSocket message, unless an endpoint asks for less; beyond it close 1009.")
        @Default("4MiB")
        @Range(min = 1_024, max = 1 << 30)
        ByteSize maxMessage,
    @About(
            "Request heads, bodies and messages that are still incomplete, over all connections"
                + " together.")
        @Default("512MiB")
        @Range(min = 1 << 20)
        ByteSize maxIncompleteInput,
    @About("Files on their way to clients at the same time, such as backups; further ones get 503.")
        @Default("8")
        @Range(min = 1, max = 1_000)
        int maxFileAnswers,
    @About(
            "Answers without an end open at the same time, such as taps of pipelines; further ones"
                + " get 503.")
        @Default("64")
        @Range(min = 1, max = 10_000)
        int maxLiveAnswers,
    @About("From the first byte of a request, or from accepting, to the end of its headers.")
        @Default("10s")
        @Range(min = 0.1, max = 3_600)
        Duration headerTimeout,
    @About("From the end of the headers to the end of the body.")
        @Default("60s")
        @Range(min = 0.1, max = 3_600)
        Duration bodyTimeout,
    @About("How long a connection may stay without a request after it had one.")
        @Default("60s")
        @Range(min = 0.1, max = 86_400)
        Duration keepAlive,
    @About("How long a peer may take nothing of an HTTP answer.")
        @Default("30s")
        @Range(min = 0.1, max = 3_600)
        Duration writeTimeout,
    @About("How long a closing handshake may take before the connection is cut.")
        @Default("5s")
        @Range(min = 0.1, max = 60)
        Duration closeTimeout,
    @About(
            "Web origins whose pages may call. Empty: pages from this server only; a program that"
                + " sends no Origin is let in either way.")
        List<String> allowedOrigins) {

  public static final NetSpec DEFAULT = Spec.of(NetSpec.class).defaults();

  public NetSpec {
    allowedOrigins = List.copyOf(allowedOrigins);
  }
}
