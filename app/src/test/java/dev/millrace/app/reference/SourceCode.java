package dev.millrace.app.reference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The product's own source, for what stands in it as text: codes that no declaration lists.
final class SourceCode {
  private static final Path ROOT = Path.of("..");
  private static final List<String> PRODUCT =
      List.of(
          "app",
          "gateway",
          "control",
          "connect",
          "engine",
          "hub",
          "classify",
          "signals",
          "net",
          "core");
  private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*//.*$");

  private final Map<Path, String> files = new LinkedHashMap<>();

  private SourceCode() {}

  /// Without comments.
  static SourceCode read() {
    var source = new SourceCode();
    for (var module : PRODUCT) {
      try (Stream<Path> all = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        all.filter(file -> file.toString().endsWith(".java")).sorted().forEach(source::add);
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
    return source;
  }

  /// What the first group of `pattern` has caught anywhere, in order of the alphabet.
  SequencedSet<String> all(Pattern pattern) {
    var found = new TreeSet<String>();
    matches(pattern).map(match -> match.group(1)).forEach(found::add);
    return found;
  }

  Stream<MatchResult> matches(Pattern pattern) {
    return files.values().stream().flatMap(text -> pattern.matcher(text).results());
  }

  /// The names of the files, without `.java`, whose text has `pattern`.
  SequencedSet<String> filesWith(Pattern pattern) {
    var found = new TreeSet<String>();
    files.forEach(
        (file, text) -> {
          if (pattern.matcher(text).find()) {
            found.add(String.valueOf(file.getFileName()).replace(".java", ""));
          }
        });
    return found;
  }

  private void add(Path file) {
    try {
      files.put(file, COMMENT.matcher(Files.readString(file)).replaceAll(""));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
