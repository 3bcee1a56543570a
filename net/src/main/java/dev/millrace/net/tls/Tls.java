package dev.millrace.net.tls;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.ProblemException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Executor;

/// The certificate that new connections get. Exchanging it is in two steps, so that a reload of
/// many things is all or nothing: [#prepare] checks everything and changes nothing,
/// [Prepared#commit] cannot fail. Open connections keep what they have.
///
/// TLS 1.2 and 1.3, with the JDK's own implementation; by ALPN `http/1.1` and nothing else; clients
/// may not renegotiate. Safe from any thread; preparing reads files and must not happen on a loop.
public final class Tls {
  private static final String RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

  static {
    // A TLS 1.2 client may otherwise begin handshakes without end, and while one waits for its turn
    // what is written waits in a queue that nobody sees. The JDK has no other switch for it.
    if (System.getProperty(RENEGOTIATION) == null) {
      System.setProperty(RENEGOTIATION, "true");
    }
  }

  private volatile Certified current; // written by commit; each new connection reads it

  private Tls(Certified current) {
    this.current = current;
  }

  /// Reads certificate and key. Relative paths start from `base`; `where` is where the section
  /// stands in the configuration.
  ///
  /// @throws ProblemException with what is wrong with which file, and how to fix it
  public static Tls load(TlsSpec spec, Path base, Location where) throws ProblemException {
    return new Tls(CertificateFiles.read(spec, base, where, null));
  }

  /// Reads and checks what `spec` says, without any effect yet. What is in use already is not
  /// judged again: a certificate that has expired meanwhile must not hold up other changes.
  ///
  /// @throws ProblemException as [#load] does; everything stays as it is
  public Prepared prepare(TlsSpec spec, Path base, Location where) throws ProblemException {
    return new Prepared(CertificateFiles.read(spec, base, where, current));
  }

  /// A certificate that has been checked and waits to be taken into use.
  public final class Prepared {
    private final Certified certified;

    private Prepared(Certified certified) {
      this.certified = certified;
    }

    /// New connections get it from now on.
    public void commit() {
      current = certified;
    }
  }

  /// Tells one content of the two files from another: the hex of a SHA-256 over both. Fit for
  /// logs and telemetry, nothing of the key can be had from it.
  public String fingerprint() {
    return current.fingerprint();
  }

  /// When the certificate ends, or the one of its chain that ends first.
  public Instant notAfter() {
    return current.notAfter();
  }

  /// The TLS side of a new connection. Its arithmetic is done by `handshakes`; how long a handshake
  /// may take is the caller's business.
  public SslHandler newHandler(ByteBufAllocator allocator, Executor handshakes) {
    var handler = current.context().newHandler(allocator, handshakes);
    handler.setHandshakeTimeoutMillis(0);
    return handler;
  }

  /// What the two files come to.
  record Certified(SslContext context, String fingerprint, Instant notAfter) {}
}
