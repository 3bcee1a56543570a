package dev.millrace.gateway.http;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Where this server may listen: without authentication, on loopback only.
public final class BindRule {
  private BindRule() {}

  /// Lets loopback addresses pass.
  ///
  /// @throws ProblemException if `host` is anything but a loopback address; its code is
  ///     `E_PUBLIC_WITHOUT_AUTH`, or `E_BAD_ADDRESS` for a name that is not known
  public static void check(String host, Location where) throws ProblemException {
    try {
      if (InetAddress.getByName(host).isLoopbackAddress()) {
        return;
      }
    } catch (UnknownHostException unknown) {
      throw new ProblemException(
          Problem.error(
              "E_BAD_ADDRESS",
              where,
              "the host " + host + " to listen on is not known to this machine",
              "Set server.host to 127.0.0.1."),
          unknown);
    }
    throw new ProblemException(
        Problem.error(
            "E_PUBLIC_WITHOUT_AUTH",
            where,
            "listening on " + host + " would let everybody on the network in, without a password",
            "Set server.host to 127.0.0.1 and put a proxy that asks for credentials in front."));
  }
}
