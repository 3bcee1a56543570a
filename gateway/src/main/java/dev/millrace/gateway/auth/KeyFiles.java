package dev.millrace.gateway.auth;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.gateway.auth.JwtKey.Unusable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the key files of one policy, relative to a folder, and remembers what was in them. Used
/// once, by one thread.
final class KeyFiles {
  private static final int MOST_BYTES = 1 << 20;

  private final Path base;
  private final Location where;
  private final Problems problems;
  private final ByteArrayOutputStream contents = new ByteArrayOutputStream();

  /// `where` is the section `jwt`.
  KeyFiles(Path base, Location where, Problems problems) {
    this.base = base;
    this.where = where;
    this.problems = problems;
  }

  /// The key that stands at `index` of `keys`, or null after adding a problem.
  @Nullable JwtKey key(JwtSpec.KeySpec spec, int index) {
    if (spec.secret() != null) {
      return JwtKey.shared(spec.kid(), spec.secret());
    }
    var file = String.valueOf(spec.publicKeyFile());
    var at = where.child("keys").child(Integer.toString(index)).child("public_key_file");
    var bytes = read(file, at);
    if (bytes == null) {
      return null;
    }
    try {
      var key = JwtKey.of(spec.kid(), PemFile.publicKey(bytes));
      if (key.algorithm() != spec.algorithm()) {
        throw new Unusable("is for " + key.algorithm() + " and not for " + spec.algorithm());
      }
      return key;
    } catch (Unusable unusable) {
      problems.error(
          "E_BAD_KEY",
          at,
          "the file " + file + " " + unusable.why(),
          "Name the PEM file of a public key.");
      return null;
    }
  }

  List<JwtKey> keySet(String file) {
    var at = where.child("jwks_file");
    var bytes = read(file, at);
    return bytes == null ? List.of() : JwksFile.read(bytes, file, at, problems);
  }

  /// Of everything read so far.
  Fingerprint fingerprint() {
    return Fingerprint.of(contents.toByteArray());
  }

  private byte @Nullable [] read(String file, Location at) {
    try (var in = Files.newInputStream(base.resolve(file))) {
      var bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        problems.error(
            "E_BAD_KEY", at, "the file " + file + " is larger than 1 MiB", "Name a key file.");
        return null;
      }
      contents.writeBytes(bytes);
      contents.write(0); // two files are not one whose halves they are
      return bytes;
    } catch (IOException unreadable) {
      problems.error(
          "E_UNREADABLE_FILE",
          at,
          "the file " + file + " cannot be read: " + unreadable.getClass().getSimpleName(),
          "Put it there; a relative path starts from " + base + ".");
      return null;
    }
  }
}
