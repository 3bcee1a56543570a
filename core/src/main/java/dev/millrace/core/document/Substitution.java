package dev.millrace.core.document;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Replaces `${NAME}` and `${NAME:-default}` in text values, after parsing, so that a value can
/// never change the structure of the document. `$${` stands for a literal `${`.
///
/// What comes out of the environment is a secret, for nobody can tell whether it is one: the whole
/// value it becomes part of is never shown. A name that is not set is looked for once more as
/// `NAME_FILE`, the path of a file that holds the value.
public final class Substitution {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$(\\$\\{|\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?})");

  /// Characters that all values of one document may be filled in with.
  private static final long MAX_FILLED = 4 << 20;

  private final Map<String, String> own;
  private final Function<String, @Nullable String> environment;
  private final SecretReader files;
  private final Problems problems;
  private final Map<String, Optional<String>> contents = new HashMap<>(); // by name; read once
  private long filled;

  /// `own` are names that stand for something the process itself knows and may show, such as the
  /// folder of the document. `environment` answers null for a name that is not set; an empty value
  /// counts as not set.
  public Substitution(
      Map<String, String> own,
      Function<String, @Nullable String> environment,
      SecretReader files,
      Problems problems) {
    this.own = Map.copyOf(own);
    this.environment = environment;
    this.files = files;
    this.problems = problems;
  }

  public Tree apply(Tree tree) {
    return switch (tree) {
      case Tree.Mapping mapping -> apply(mapping);
      case Tree.Sequence sequence -> {
        var items = new ArrayList<Tree>();
        sequence.items().forEach(item -> items.add(apply(item)));
        yield new Tree.Sequence(sequence.location(), items);
      }
      case Tree.Scalar(var location, var value, var origin) ->
          value instanceof String text && text.contains("${") ? replace(text, location) : tree;
    };
  }

  public Tree.Mapping apply(Tree.Mapping mapping) {
    var entries = new LinkedHashMap<String, Tree>();
    mapping.entries().forEach((key, value) -> entries.put(key, apply(value)));
    return new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
  }

  private Tree replace(String text, Location at) {
    // Behind the last brace nothing can match; looking there would take time by the square.
    var matcher = REFERENCE.matcher(text).region(0, text.lastIndexOf('}') + 1);
    var result = new StringBuilder();
    boolean secret = false;
    while (matcher.find()) {
      var name = matcher.group(2);
      var shown = name == null ? "${" : own.get(name);
      var hidden = shown == null && name != null ? hidden(name, at) : null;
      secret |= hidden != null;
      var value =
          shown != null ? shown : hidden != null ? hidden : fallback(name, matcher.group(3), at);
      filled += value.length();
      if (filled > MAX_FILLED) {
        problems.error(
            "E_SYNTAX",
            at,
            "the values of variables add up to more than " + MAX_FILLED + " characters",
            "Use fewer or shorter ones.");
        return Tree.Scalar.loose(at, "");
      }
      matcher.appendReplacement(result, Matcher.quoteReplacement(value));
    }
    matcher.appendTail(result);
    return secret
        ? Tree.Scalar.secret(at, result.toString())
        : Tree.Scalar.loose(at, result.toString());
  }

  /// The value of a variable or of the file it names; null when neither is set.
  private @Nullable String hidden(String name, Location at) {
    var value = environment.apply(name);
    if (value != null && !value.isEmpty()) {
      return value;
    }
    var path = environment.apply(name + "_FILE");
    if (path == null || path.isEmpty()) {
      return null;
    }
    return contents
        .computeIfAbsent(
            name,
            any -> files.secret(path, "the file " + path + " of " + name + "_FILE", at, problems))
        .orElse("");
  }

  private String fallback(@Nullable String name, @Nullable String fallback, Location at) {
    if (fallback == null) {
      problems.error(
          "E_UNSET_VARIABLE",
          at,
          "the environment variable " + name + " is not set",
          "Set it, or give a default: ${" + name + ":-…}.");
      return "";
    }
    return fallback;
  }
}
