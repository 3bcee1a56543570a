package dev.millrace.engine.supervise;

import dev.millrace.core.document.Tree;
import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads values that are a name, a name with parameters (`{"Immediate": {"max_attempts": 3}}`), or
/// parameters with a type (`{"type": "immediate", "max_attempts": 3}`). Names in any letter case,
/// with or without underscores.
final class SupervisionReader {
  private static final List<String> POLICIES = List.of("Propagate", "SkipFrame", "UseDefault");
  private static final List<String> STRATEGIES =
      List.of("Never", "Immediate", "Exponential", "CircuitBreaker");

  private final Tree.Mapping mapping;
  private final Problems problems;

  /// A name from a list of known ones, as it is spelled there, and its parameters.
  private record Named(String name, Tree.Mapping parameters, boolean bare) {}

  /// The parameters of `SkipFrame`.
  record Skipping(@Default("false") boolean forwardInput) {}

  SupervisionReader(Tree.Mapping mapping, Problems problems) {
    this.mapping = mapping;
    this.problems = problems;
  }

  ErrorPolicy policyOr(ErrorPolicy otherwise) {
    var policy = policy();
    return policy == null ? otherwise : policy;
  }

  RestartStrategy restartOr(RestartStrategy otherwise) {
    var restart = restart();
    return restart == null ? otherwise : restart;
  }

  /// Null when none is given, or after a problem.
  @Nullable ErrorPolicy policy() {
    var named = named("error_policy", POLICIES);
    if (named == null) {
      return null;
    }
    return switch (named.name) {
      case "Propagate" -> {
        warnOf(named.parameters);
        yield ErrorPolicy.PROPAGATE;
      }
      case "SkipFrame" ->
          Spec.of(Skipping.class)
              .read(named.parameters, problems)
              .map(skipping -> new ErrorPolicy.SkipFrame(skipping.forwardInput))
              .orElse(null);
      default -> defaultFrame(named);
    };
  }

  /// Null when none is given, or after a problem.
  @Nullable RestartStrategy restart() {
    var named = named("restart", STRATEGIES);
    if (named == null) {
      return null;
    }
    return switch (named.name) {
      case "Never" -> {
        warnOf(named.parameters);
        yield new RestartStrategy.Never();
      }
      case "Immediate" -> read(RestartStrategy.Immediate.class, named.parameters);
      case "Exponential" -> read(RestartStrategy.Exponential.class, named.parameters);
      default -> read(RestartStrategy.CircuitBreaker.class, named.parameters);
    };
  }

  /// The id of a node, which is not looked up here.
  @Nullable String deadLetter() {
    var given = mapping.get("dead_letter");
    if (given == null || isNothing(given)) {
      return null;
    }
    if (given instanceof Tree.Scalar scalar
        && scalar.value() instanceof String id
        && !id.isEmpty()) {
      return id;
    }
    problems.error(
        "E_BAD_CONFIG",
        given.location(),
        "dead_letter wants the id of a node, not " + given.describe(),
        null);
    return null;
  }

  private <T extends Record> @Nullable T read(Class<T> type, Tree.Mapping parameters) {
    return Spec.of(type).read(parameters, problems).orElse(null);
  }

  private @Nullable ErrorPolicy defaultFrame(Named named) {
    var parameters = named.parameters;
    if (named.bare) {
      problems.error(
          "E_BAD_CONFIG",
          parameters.location(),
          "UseDefault needs the frame that goes on instead",
          "Write {\"UseDefault\": {\"payload\": {…}}}.");
      return null;
    }
    var given = parameters.get("frame") instanceof Tree.Mapping frame ? frame : parameters;
    return FrameJson.read(given, problems)
        .map(
            frame ->
                new ErrorPolicy.UseDefault(
                    frame, given.get("timestamp") != null, given.get("sequence_id") != null))
        .orElse(null);
  }

  /// Of keys beside a name that takes no parameters.
  private void warnOf(Tree.Mapping parameters) {
    for (var name : parameters.entries().keySet()) {
      problems.warning(
          "W_UNKNOWN_KEY",
          parameters.keyLocation(name),
          "the key " + name + " is not known here and has no effect",
          "Remove it.");
    }
  }

  private @Nullable Named named(String key, List<String> known) {
    var given = mapping.get(key);
    if (given == null || isNothing(given)) {
      return null;
    }
    if (given instanceof Tree.Scalar scalar && scalar.value() instanceof String name) {
      return known(key, given, known, name, Tree.Mapping.empty(given.location()), true);
    }
    if (given instanceof Tree.Mapping written) {
      if (written.get("type") instanceof Tree.Scalar type && type.value() instanceof String name) {
        var parameters = written.without("type");
        return known(key, type, known, name, parameters, parameters.entries().isEmpty());
      }
      if (written.entries().size() == 1) {
        var only = written.entries().firstEntry();
        var parameters = parameters(only.getValue());
        if (parameters != null) {
          return known(key, written, known, only.getKey(), parameters, false);
        }
      }
    }
    problems.error(
        "E_BAD_CONFIG",
        given.location(),
        key + " wants a name, or a mapping of a name to its parameters, not " + given.describe(),
        "Write one of " + String.join(", ", known) + ".");
    return null;
  }

  private static Tree.@Nullable Mapping parameters(Tree given) {
    return given instanceof Tree.Mapping parameters
        ? parameters
        : isNothing(given) ? Tree.Mapping.empty(given.location()) : null;
  }

  private @Nullable Named known(
      String key,
      Tree at,
      List<String> known,
      String given,
      Tree.Mapping parameters,
      boolean bare) {
    for (var name : known) {
      if (name.equalsIgnoreCase(given.replace("_", ""))) {
        return new Named(name, parameters, bare);
      }
    }
    problems.error(
        "E_BAD_CONFIG",
        at.location(),
        key + " knows no " + given,
        Suggestion.closest(given, known)
            .map(close -> "Did you mean " + close + "?")
            .orElse("Write one of " + String.join(", ", known) + "."));
    return null;
  }

  private static boolean isNothing(Tree given) {
    return given instanceof Tree.Scalar scalar && scalar.value() == null;
  }
}
