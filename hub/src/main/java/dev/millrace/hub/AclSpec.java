package dev.millrace.hub;

import dev.millrace.core.spec.About;
import java.util.List;
import java.util.regex.Pattern;

/// The section `hub.acl`: who may subscribe and publish to which topics. What the rules mean is the
/// gateway's.
public record AclSpec(
    @About(
            "Rules that let callers have topics; without any, every topic is to be had. A rule is"
                + " [subscribe|publish] GLOB [as ROLE|below ROLE]: * stands for any run of"
                + " characters, ? for one, {user} for the caller's name; as ROLE means that role"
                + " and higher ones, below ROLE everybody else.")
        List<String> allow,
    @About("Rules that take topics away again, whatever allows them; written the same way.")
        List<String> deny) {

  /// A rule: action, glob, `as` or `below`, role; all but the glob may be missing.
  public static final Pattern RULE =
      Pattern.compile(
          "\\s*(?:(subscribe|publish)\\s+)?(\\S+)"
              + "(?:\\s+(as|below)\\s+(viewer|publisher|operator|admin))?\\s*");

  public AclSpec {
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
    allow.forEach(AclSpec::requireRule);
    deny.forEach(AclSpec::requireRule);
  }

  private static void requireRule(String text) {
    if (!RULE.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no rule; write [subscribe|publish] GLOB [as ROLE|below ROLE], such as:"
              + " publish orders.* as publisher");
    }
  }
}
