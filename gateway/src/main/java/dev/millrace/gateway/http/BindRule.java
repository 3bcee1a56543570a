package dev.millrace.gateway.http;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.auth.AuthPolicy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Where this server may listen: without authentication, on loopback only; and what operators use
/// is never open to everybody on any other address.
public final class BindRule {
  private static final List<Surface> NEVER_ANONYMOUS = List.of(Surface.NOC, Surface.ADMIN);

  private BindRule() {}

  /// Lets a listener on `host` pass under `policy`: asked for each listener, at the start and
  /// before a new policy is applied.
  ///
  /// @throws ProblemException with `E_PUBLIC_WITHOUT_AUTH` or `E_PUBLIC_ADMIN` if a public address
  ///     would be too open, or `E_BAD_ADDRESS` for a name that is not known
  public static void check(String host, AuthPolicy policy, Location where) throws ProblemException {
    if (isLoopback(host, where)) {
      return;
    }
    if (!policy.isConfigured()) {
      throw new ProblemException(
          Problem.error(
              "E_PUBLIC_WITHOUT_AUTH",
              where,
              "listening on " + host + " would let everybody on the network in, unasked",
              "Make a token with: openssl rand -hex 32 > ops.token; then set auth.tokens: [{name:"
                  + " ops, token_file: ops.token, role: admin}]. Or set server.host to"
                  + " 127.0.0.1."));
    }
    for (var surface : NEVER_ANONYMOUS) {
      if (policy.anonymous().contains(surface)) {
        throw new ProblemException(
            Problem.error(
                "E_PUBLIC_ADMIN",
                where,
                "listening on "
                    + host
                    + " while auth.anonymous names "
                    + surface.label()
                    + " would let everybody on the network operate this server",
                "Take " + surface.label() + " out of auth.anonymous, or listen on 127.0.0.1."));
      }
    }
  }

  private static boolean isLoopback(String host, Location where) throws ProblemException {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      throw new ProblemException(
          Problem.error(
              "E_BAD_ADDRESS",
              where,
              "the host " + host + " to listen on is not known to this machine",
              "Set server.host to 127.0.0.1."),
          unknown);
    }
  }
}
