package dev.millrace.app.config;

import dev.millrace.core.document.Tree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The files that a configuration names and other parts of the process read: certificates and keys.
/// Their content decides what the keys mean, so it is watched and a change of it is a change of the
/// key.
final class NamedFiles {
  private NamedFiles() {}

  /// `path` is as it is written.
  record NamedFile(String key, String path) {}

  static List<NamedFile> of(Tree.Mapping root) {
    var files = new ArrayList<NamedFile>();
    add(files, "server.tls.cert_file", at(root, "server", "tls", "cert_file"));
    add(files, "server.tls.key_file", at(root, "server", "tls", "key_file"));
    add(files, "auth.jwt.jwks_file", at(root, "auth", "jwt", "jwks_file"));
    if (at(root, "auth", "jwt", "keys") instanceof Tree.Sequence keys) {
      keys.items().forEach(key -> add(files, "auth.jwt.keys", at(key, "public_key_file")));
    }
    return files;
  }

  private static void add(List<NamedFile> files, String key, @Nullable Tree named) {
    if (named instanceof Tree.Scalar scalar && scalar.value() instanceof String path) {
      files.add(new NamedFile(key, path));
    }
  }

  private static @Nullable Tree at(@Nullable Tree tree, String... path) {
    var here = tree;
    for (var key : path) {
      here = here instanceof Tree.Mapping mapping ? mapping.get(key) : null;
    }
    return here;
  }
}
