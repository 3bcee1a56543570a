package dev.millrace.core.spec;

import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.SecretReader;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problems;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Puts the content of files in the place of `x_file: path`, for every secret text key `x` of a
/// spec. What comes out is read as if the secret had stood in the document, but is never shown.
public final class SecretFiles {
  /// Stands in for a secret whose file could not be read, which has been complained of. No file
  /// holds it.
  public static final String UNREADABLE = "\0";

  private final SecretReader files;
  private final Problems problems;

  public SecretFiles(SecretReader files, Problems problems) {
    this.files = files;
    this.problems = problems;
  }

  /// The same tree with the secrets filled in. A secret that is given both ways in one place is an
  /// error; one that is given in two places is taken from the one that takes precedence.
  public Tree apply(Tree tree, Spec<?> spec) {
    return tree instanceof Tree.Mapping mapping ? apply(mapping, spec) : tree;
  }

  public Tree.Mapping apply(Tree.Mapping mapping, Spec<?> spec) {
    var entries = new LinkedHashMap<>(mapping.entries());
    spec.fileForms().forEach((fileKey, key) -> fill(mapping, fileKey, key.name(), entries));
    for (var key : spec.keys()) {
      entries.computeIfPresent(key.name(), (name, value) -> inside(value, key.reader()));
    }
    return new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
  }

  private Tree inside(Tree tree, KeyType type) {
    return switch (type) {
      case KeyType.Nested nested -> apply(tree, Spec.of(nested.type()));
      case KeyType.Many many when tree instanceof Tree.Sequence sequence ->
          new Tree.Sequence(
              sequence.location(),
              sequence.items().stream().map(item -> inside(item, many.item())).toList());
      case KeyType.Named named when tree instanceof Tree.Mapping mapping -> {
        var entries = new LinkedHashMap<>(mapping.entries());
        entries.replaceAll((name, value) -> inside(value, named.value()));
        yield new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
      }
      default -> tree;
    };
  }

  private void fill(Tree.Mapping mapping, String fileKey, String key, Map<String, Tree> entries) {
    var given = entries.remove(fileKey);
    if (given == null || isNothing(given)) {
      return;
    }
    var other = entries.get(key);
    if (other != null && !isNothing(other)) {
      int difference =
          Overrides.precedence(given.location()) - Overrides.precedence(other.location());
      if (difference == 0) {
        problems.error(
            "E_BAD_CONFIG",
            mapping.keyLocation(fileKey),
            "both " + key + " and " + fileKey + " are given",
            "Keep one of them.");
      }
      if (difference <= 0) {
        return;
      }
    }
    // Something stands in for one that cannot be read, so that nothing calls it missing.
    var secret = content(given, fileKey).orElse(UNREADABLE);
    entries.put(key, Tree.Scalar.secret(given.location(), secret));
  }

  private Optional<String> content(Tree given, String fileKey) {
    if (!(given instanceof Tree.Scalar(var location, String path, var origin))) {
      problems.error(
          "E_BAD_CONFIG",
          given.location(),
          fileKey + " wants the path of a file, not " + given.describe(),
          null);
      return Optional.empty();
    }
    boolean shown = origin != Tree.Scalar.Origin.SECRET;
    return files.secret(
        path, shown ? "the file " + path : "the file of " + fileKey, location, problems);
  }

  private static boolean isNothing(Tree tree) {
    return tree instanceof Tree.Scalar scalar && scalar.value() == null;
  }
}
