package dev.millrace.gateway.auth;

import static dev.millrace.gateway.auth.TestTokens.NOW;
import static dev.millrace.gateway.auth.TestTokens.SECRET;
import static dev.millrace.gateway.auth.TestTokens.good;
import static dev.millrace.gateway.auth.TestTokens.signed;

import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import java.util.List;
import java.util.stream.Stream;

/// Every rule about who is let in, one row each.
final class AccessRules {
  static final String OPS = "ops-token-0123456789";
  static final String LOOPBACK = "127.0.0.1";
  static final String TOKENS =
      "auth.tokens=[{\"name\":\"ops\",\"token\":\""
          + OPS
          + "\",\"role\":\"admin\"},{\"name\":\"pub\",\"token\":\"pub-token-0123456789\","
          + "\"role\":\"publisher\"}]";
  static final String JWT = "auth.jwt.secret=" + SECRET;
  private static final String PUB = "pub-token-0123456789";
  private static final String PUBLIC_ADDRESS = "192.0.2.1";
  private static final String MISSING =
      "401 AUTH_REQUIRED No access_token cookie or Authorization header";

  private AccessRules() {}

  /// One rule: under `policy`, a caller that came in on `local` and shows `shown` at a door gets
  /// `outcome`.
  record Rule(
      String name,
      List<String> policy,
      String local,
      Surface surface,
      Route.Access door,
      List<String> shown,
      String outcome) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Rule rule(
      String name,
      List<String> policy,
      String local,
      Surface surface,
      Route.Access door,
      List<String> shown,
      String outcome) {
    return new Rule(name, policy, local, surface, door, shown, outcome);
  }

  private static String anonymous(String role) {
    return "admitted " + Callers.REMOTE + " ANONYMOUS " + role;
  }

  private static final List<String> NONE = List.of();
  private static final List<String> BOTH = List.of(TOKENS, JWT);
  private static final List<String> FIXED = List.of(TOKENS);

  private static List<String> open(String surfaces) {
    return List.of(TOKENS, JWT, "auth.anonymous=" + surfaces);
  }

  private static List<String> bearer(String token) {
    return List.of("authorization: Bearer " + token);
  }

  static Stream<Rule> rules() {
    return Stream.of(
        rule(
            "without authentication everybody on loopback is trusted",
            NONE,
            LOOPBACK,
            Surface.ADMIN,
            Route.Access.ADMIN,
            NONE,
            anonymous("ADMIN")),
        rule(
            "without authentication even bad credentials do not matter",
            NONE,
            LOOPBACK,
            Surface.WSE,
            Route.Access.CLIENT,
            bearer("nonsense"),
            anonymous("ADMIN")),
        rule(
            "without authentication nobody on a public address is trusted",
            NONE,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            NONE,
            "401 AUTH_REQUIRED this address is public and the server has no authentication"
                + " configured"),
        rule(
            "with authentication loopback is asked too",
            BOTH,
            LOOPBACK,
            Surface.API,
            Route.Access.VIEWER,
            NONE,
            MISSING),
        rule(
            "a public route asks nobody",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.PUBLIC,
            bearer("nonsense"),
            anonymous("null")),
        rule(
            "metrics are open on loopback",
            BOTH,
            LOOPBACK,
            Surface.API,
            Route.Access.LOOPBACK_OR_VIEWER,
            NONE,
            anonymous("null")),
        rule(
            "and ask elsewhere",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.LOOPBACK_OR_VIEWER,
            NONE,
            MISSING),
        rule(
            "unless the surface is anonymous",
            open("api"),
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.LOOPBACK_OR_VIEWER,
            NONE,
            anonymous("VIEWER")),
        rule(
            "a public door of a client surface asks nobody either",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.WSE,
            Route.Access.PUBLIC,
            bearer("nonsense"),
            anonymous("null")),
        rule(
            "a door for clients is not open to all",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.WSE,
            Route.Access.CLIENT,
            NONE,
            MISSING),
        rule(
            "an anonymous client surface gives no role",
            open("wse"),
            PUBLIC_ADDRESS,
            Surface.WSE,
            Route.Access.CLIENT,
            NONE,
            anonymous("null")),
        rule(
            "anonymous publishing gives what publishing needs",
            open("publish"),
            PUBLIC_ADDRESS,
            Surface.PUBLISH,
            Route.Access.PUBLISHER,
            NONE,
            anonymous("PUBLISHER")),
        rule(
            "one anonymous surface does not open another",
            open("wse,mirror"),
            PUBLIC_ADDRESS,
            Surface.FEED,
            Route.Access.CLIENT,
            NONE,
            MISSING),
        rule(
            "bad credentials are refused where none are needed",
            open("wse"),
            PUBLIC_ADDRESS,
            Surface.WSE,
            Route.Access.CLIENT,
            bearer("nonsense"),
            "401 AUTH_FAILED Malformed JWT token"),
        rule(
            "who has too small a role loses nothing by showing it where nobody needs one",
            open("publish"),
            PUBLIC_ADDRESS,
            Surface.PUBLISH,
            Route.Access.PUBLISHER,
            bearer(good("ann", "viewer")),
            "admitted ann JWT PUBLISHER"),
        rule(
            "what operators do is not anonymous for the surface being so",
            open("api"),
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.OPERATOR,
            NONE,
            MISSING),
        rule(
            "an anonymous admin surface is open on loopback",
            open("admin"),
            LOOPBACK,
            Surface.ADMIN,
            Route.Access.ADMIN,
            NONE,
            anonymous("ADMIN")),
        rule(
            "and never in public",
            open("admin,noc"),
            PUBLIC_ADDRESS,
            Surface.ADMIN,
            Route.Access.ADMIN,
            NONE,
            MISSING),
        rule(
            "nor is the operators' socket",
            open("admin,noc"),
            PUBLIC_ADDRESS,
            Surface.NOC,
            Route.Access.VIEWER,
            NONE,
            MISSING),
        rule(
            "a fixed token says who and what",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.ADMIN,
            Route.Access.ADMIN,
            bearer(OPS),
            "admitted ops TOKEN ADMIN"),
        rule(
            "a higher role does what a lower may",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            bearer(PUB),
            "admitted pub TOKEN PUBLISHER"),
        rule(
            "and not the other way round",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.OPERATOR,
            bearer(PUB),
            "403 FORBIDDEN this needs the role operator; the token has publisher"),
        rule(
            "a token that nobody knows, without JSON web tokens",
            FIXED,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            bearer(OPS + "x"),
            "401 AUTH_FAILED Unknown token"),
        rule(
            "the scheme is written as one likes",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("authorization: bEaReR   " + OPS + " "),
            "admitted ops TOKEN ADMIN"),
        rule(
            "another scheme is no credential of ours",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("authorization: Basic " + OPS),
            MISSING),
        rule(
            "an empty bearer is none",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("authorization: Bearer "),
            MISSING),
        rule(
            "the cookie comes first",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("cookie: a=b; access_token=" + PUB, "authorization: Bearer " + OPS),
            "admitted pub TOKEN PUBLISHER"),
        rule(
            "a bad cookie is not made up for by a good header",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("cookie: access_token=bad", "authorization: Bearer " + OPS),
            "401 AUTH_FAILED Malformed JWT token"),
        rule(
            "an empty cookie is none",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("cookie: access_token=", "authorization: Bearer " + OPS),
            "admitted ops TOKEN ADMIN"),
        rule(
            "nor is undefined",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("cookie: access_token=undefined"),
            MISSING),
        rule(
            "nor null",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("cookie: access_token=null"),
            MISSING),
        rule(
            "a token in the address is not looked at",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("?token=" + OPS, "?access_token=" + OPS),
            MISSING),
        rule(
            "unless it is allowed",
            List.of(TOKENS, "auth.query_token=true"),
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("?access_token=" + OPS),
            "admitted ops TOKEN ADMIN"),
        rule(
            "and then comes last",
            List.of(TOKENS, "auth.query_token=true"),
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            List.of("?token=" + OPS, "authorization: Bearer " + PUB),
            "admitted pub TOKEN PUBLISHER"),
        rule(
            "what is too long is not read",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            bearer("x".repeat(8_193)),
            "401 AUTH_FAILED Malformed JWT token"),
        rule(
            "a JSON web token without a role opens client surfaces",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.MIRROR,
            Route.Access.CLIENT,
            bearer(good("ann", null)),
            "admitted ann JWT null"),
        rule(
            "and nothing else",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.VIEWER,
            bearer(good("ann", null)),
            "403 FORBIDDEN this needs the role viewer; the token has none"),
        rule(
            "not even a door for clients of another surface",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.NOC,
            Route.Access.CLIENT,
            bearer(good("ann", null)),
            "403 FORBIDDEN this needs the role viewer; the token has none"),
        rule(
            "a JSON web token with a role does what the role may",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.API,
            Route.Access.OPERATOR,
            bearer(good("ann", "operator")),
            "admitted ann JWT OPERATOR"),
        rule(
            "an expired one is refused",
            BOTH,
            PUBLIC_ADDRESS,
            Surface.WSE,
            Route.Access.CLIENT,
            bearer(signed("{\"sub\":\"ann\",\"exp\":" + NOW + "}")),
            "401 AUTH_FAILED Token expired"));
  }
}
