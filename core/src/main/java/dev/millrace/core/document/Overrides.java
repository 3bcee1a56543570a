package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Lays values from outside over a document: `--set a.b=c` and `MILLRACE__A__B=c`. A value that
/// begins with `{` or `[` is read as JSON or YAML; any other is text that may stand for a number or
/// a boolean.
public final class Overrides {
  private static final String PREFIX = "MILLRACE__";
  private static final String ASSIGNMENT = "--set ";
  private static final String VARIABLE = "environment ";

  private Overrides() {}

  /// `assignments` are `a.b=c`, applied in order.
  public static Tree.Mapping set(Tree.Mapping root, List<String> assignments, Problems problems) {
    var result = root;
    for (var assignment : assignments) {
      int equals = assignment.indexOf('=');
      // Without the value, which may be a secret: locations are shown.
      var location =
          Location.of(ASSIGNMENT + (equals < 0 ? assignment : assignment.substring(0, equals)));
      if (equals < 1) {
        problems.error(
            "E_BAD_OVERRIDE", location, "this is not key=value", "Write --set server.port=8081.");
      } else {
        var path = List.of(assignment.substring(0, equals).split("\\.", -1));
        result = put(result, path, assignment.substring(equals + 1), location, problems);
      }
    }
    return result;
  }

  /// Takes every variable that begins with `MILLRACE__`, in order of name.
  public static Tree.Mapping environment(
      Tree.Mapping root, Map<String, String> variables, Problems problems) {
    var result = root;
    for (var variable : new TreeMap<>(variables).entrySet()) {
      var name = variable.getKey();
      if (name.startsWith(PREFIX) && name.length() > PREFIX.length()) {
        var path =
            List.of(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT).split("__", -1));
        var location = Location.of(VARIABLE + name);
        result = put(result, path, variable.getValue(), location, problems);
      }
    }
    return result;
  }

  private static Tree.Mapping put(
      Tree.Mapping root, List<String> path, String text, Location location, Problems problems) {
    if (path.size() > Documents.MAX_DEPTH) {
      problems.error(
          "E_BAD_OVERRIDE",
          location,
          "the key has more than " + Documents.MAX_DEPTH + " parts",
          "Shorten it.");
      return root;
    }
    var here = location;
    for (var key : path) {
      here = here.child(key);
    }
    return put(root, path, value(text, here, problems));
  }

  private static Tree.Mapping put(Tree.Mapping mapping, List<String> path, Tree value) {
    var key = path.getFirst();
    if (path.size() == 1) {
      return mapping.with(key, value);
    }
    var inner =
        mapping.get(key) instanceof Tree.Mapping there
            ? there
            : Tree.Mapping.empty(value.location());
    return mapping.with(key, put(inner, path.subList(1, path.size()), value));
  }

  private static Tree value(String text, Location location, Problems problems) {
    if (text.startsWith("{") || text.startsWith("[")) {
      var parsed =
          // a flow document is also JSON
          YamlDocument.parse(location.source(), text, Documents.Limits.CONFIGURATION, problems);
      return parsed.orElseGet(() -> Tree.Scalar.loose(location, text));
    }
    return Tree.Scalar.loose(location, text);
  }

  /// Which of two values of one key counts: the one of the higher number. 0 for the document's own.
  public static int precedence(Location location) {
    var source = location.source();
    return source.startsWith(ASSIGNMENT) ? 2 : source.startsWith(VARIABLE) ? 1 : 0;
  }

  /// The environment name of a key, for messages and reference pages.
  public static String environmentName(String dottedKey) {
    return PREFIX + dottedKey.replace(".", "__").toUpperCase(Locale.ROOT);
  }
}
