package dev.millrace.systemtest;

import dev.millrace.app.config.MillraceConfig;
import dev.millrace.core.document.Tree;
import dev.millrace.core.spec.KeyType;
import dev.millrace.core.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Which keys of the configuration hold secrets, found in its declaration.
final class SecretKeys {
  private final SequencedMap<String, List<String>> texts = new TreeMap<>();
  private final boolean files;

  private SecretKeys(boolean files) {
    this.files = files;
  }

  /// Every key that is a secret, such as `auth.tokens[].token`, with the texts that `document` has
  /// under it. With `files` the keys that name a secret's file stand beside them.
  static SequencedMap<String, List<String>> in(Tree.Mapping document, boolean files) {
    var keys = new SecretKeys(files);
    keys.level(Spec.of(MillraceConfig.class), "", List.of(document));
    return keys.texts;
  }

  private void level(Spec<?> spec, String prefix, List<Tree> mappings) {
    for (var key : spec.keys()) {
      var path = prefix + key.name();
      var values = under(key.name(), mappings);
      if (key.secret()) {
        texts.put(path, scalars(values));
      } else {
        inside(key.reader(), path, values);
      }
    }
    if (files) {
      spec.fileForms()
          .keySet()
          .forEach(name -> texts.put(prefix + name, scalars(under(name, mappings))));
    }
  }

  private void inside(KeyType type, String path, List<Tree> values) {
    switch (type) {
      case KeyType.Nested nested -> level(Spec.of(nested.type()), path + ".", values);
      case KeyType.Many many -> inside(many.item(), path + "[]", items(values));
      case KeyType.Named named -> inside(named.value(), path + ".*", entries(values));
      default -> {} // a single value that is no secret
    }
  }

  private static List<Tree> under(String name, List<Tree> mappings) {
    var found = new ArrayList<Tree>();
    for (var tree : mappings) {
      var value = tree instanceof Tree.Mapping mapping ? mapping.get(name) : null;
      if (value != null) {
        found.add(value);
      }
    }
    return found;
  }

  private static List<Tree> items(List<Tree> trees) {
    var found = new ArrayList<Tree>();
    for (var tree : trees) {
      if (tree instanceof Tree.Sequence sequence) {
        found.addAll(sequence.items());
      }
    }
    return found;
  }

  private static List<Tree> entries(List<Tree> trees) {
    var found = new ArrayList<Tree>();
    for (var tree : trees) {
      if (tree instanceof Tree.Mapping mapping) {
        found.addAll(mapping.entries().values());
      }
    }
    return found;
  }

  private static List<String> scalars(List<Tree> trees) {
    var found = new ArrayList<String>();
    for (var tree : trees) {
      switch (tree) {
        case Tree.Scalar scalar -> found.add(String.valueOf(scalar.value()));
        case Tree.Sequence sequence -> found.addAll(scalars(sequence.items()));
        case Tree.Mapping mapping -> found.addAll(scalars(entries(List.of(mapping))));
      }
    }
    return found;
  }
}
