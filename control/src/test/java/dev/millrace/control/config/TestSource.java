package dev.millrace.control.config;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.SecretReader;
import dev.millrace.core.document.Substitution;
import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.SecretFiles;
import dev.millrace.core.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads a [TestConfig] from a file, with variables, secrets, environment and options, as a process
/// does.
final class TestSource implements ConfigSource<TestConfig> {
  private static final Spec<TestConfig> SPEC = Spec.of(TestConfig.class);

  private final Path file;
  private final Map<String, String> environment;
  private final List<String> assignments;
  volatile boolean broken; // written by the test

  TestSource(Path file) {
    this(file, Map.of(), List.of());
  }

  TestSource(Path file, Map<String, String> environment, List<String> assignments) {
    this.file = file;
    this.environment = environment;
    this.assignments = assignments;
  }

  @Override
  public Spec<TestConfig> spec() {
    return SPEC;
  }

  @Override
  public Reading read(Problems problems) {
    if (broken) {
      throw new IllegalStateException("a defect");
    }
    var files = new ConfigFiles();
    var document = bytes(files, problems).flatMap(bytes -> parse(bytes, files, problems));
    document.ifPresent(
        tree -> {
          if (tree.get("cert_file") instanceof Tree.Scalar scalar
              && scalar.value() instanceof String cert) {
            files.note("cert_file", folder().resolve(cert));
          }
        });
    return new Reading(document, files.seen());
  }

  @Override
  public Optional<TestConfig> bind(Tree.Mapping document, Problems problems) {
    return SPEC.read(document, problems);
  }

  /// The configuration to start with.
  LiveConfig<TestConfig> load() {
    var problems = new Problems();
    var reading = read(problems);
    var document = reading.document().orElseThrow(() -> new AssertionError(problems.toString()));
    var config =
        bind(document, problems).orElseThrow(() -> new AssertionError(problems.toString()));
    return new LiveConfig<>(
        SPEC,
        new Loaded<>(reading, document, config, problems.all()),
        java.time.Instant.parse("2026-11-21T10:15:30Z"));
  }

  private Optional<byte[]> bytes(ConfigFiles files, Problems problems) {
    try {
      return Optional.of(files.bytes(file));
    } catch (IOException failure) {
      problems.error(
          Files.exists(file) ? "E_UNREADABLE" : MISSING,
          Location.of(file.toString()),
          "the file cannot be read",
          null);
      return Optional.empty();
    }
  }

  private Optional<Tree.Mapping> parse(byte[] bytes, ConfigFiles files, Problems problems) {
    SecretReader secrets = path -> files.text(folder().resolve(path));
    return Documents.parseMapping("it.yaml", bytes, problems)
        .map(tree -> Overrides.environment(tree, environment, problems))
        .map(tree -> Overrides.set(tree, assignments, problems))
        .map(
            tree ->
                new Substitution(
                        Map.of("CONFIG_DIR", folder().toString()),
                        environment::get,
                        secrets,
                        problems)
                    .apply(tree))
        .map(tree -> new SecretFiles(secrets, problems).apply(tree, SPEC));
  }

  private Path folder() {
    return java.util.Objects.requireNonNull(file.toAbsolutePath().getParent());
  }
}
