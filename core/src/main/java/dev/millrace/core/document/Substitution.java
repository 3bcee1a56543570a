package dev.millrace.core.document;

import dev.millrace.core.problem.Problems;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Replaces `${NAME}` and `${NAME:-default}` in text values, after parsing, so that a value can
/// never change the structure of the document. `$${` stands for a literal `${`.
public final class Substitution {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$(\\$\\{|\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?})");

  private final Function<String, @Nullable String> environment;
  private final Problems problems;

  /// `environment` answers null for a name that is not set; an empty value counts as not set.
  public Substitution(Function<String, @Nullable String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
  }

  public Tree apply(Tree tree) {
    return switch (tree) {
      case Tree.Mapping mapping -> {
        var entries = new LinkedHashMap<String, Tree>();
        mapping.entries().forEach((key, value) -> entries.put(key, apply(value)));
        yield new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
      }
      case Tree.Sequence sequence -> {
        var items = new ArrayList<Tree>();
        sequence.items().forEach(item -> items.add(apply(item)));
        yield new Tree.Sequence(sequence.location(), items);
      }
      case Tree.Scalar(var location, var value, var origin) ->
          value instanceof String text && text.contains("${")
              ? Tree.Scalar.loose(location, replace(text, tree))
              : tree;
    };
  }

  private String replace(String text, Tree at) {
    var matcher = REFERENCE.matcher(text);
    var result = new StringBuilder();
    while (matcher.find()) {
      var name = matcher.group(2);
      matcher.appendReplacement(
          result,
          java.util.regex.Matcher.quoteReplacement(
              name == null ? "${" : value(name, matcher.group(3), at)));
    }
    return matcher.appendTail(result).toString();
  }

  private String value(String name, @Nullable String fallback, Tree at) {
    var value = environment.apply(name);
    if (value != null && !value.isEmpty()) {
      return value;
    }
    if (fallback == null) {
      problems.error(
          "E_UNSET_VARIABLE",
          at.location(),
          "the environment variable " + name + " is not set",
          "Set it, or give a default: ${" + name + ":-…}.");
      return "";
    }
    return fallback;
  }
}
