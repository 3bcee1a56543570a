package dev.millrace.app.config;

import dev.millrace.control.config.ConfigFiles;
import dev.millrace.control.config.ConfigSource;
import dev.millrace.control.pipeline.NamedGraph;
import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.SecretReader;
import dev.millrace.core.document.Substitution;
import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.SecretFiles;
import dev.millrace.core.spec.Secrets;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a configuration in the order of precedence (file, then environment, then `--set`) and
/// reports every problem of it, its graphs included, at once. Each reading looks at everything
/// anew. Safe from any thread.
public final class ConfigReader implements ConfigSource<Settings> {
  private static final Spec<MillraceConfig> SPEC = Spec.of(MillraceConfig.class);

  private final @Nullable Path file;
  private final boolean strict;
  private final NodeCatalogue catalogue;
  private final Map<String, String> environment;
  private final List<String> assignments;
  private final Optional<SourceOverride> sourceOverride;

  /// What to read besides the file. `environment` is the process's; `assignments` are the `--set`
  /// options in their order; with `strict` warnings are errors.
  public record Input(
      Map<String, String> environment,
      List<String> assignments,
      Optional<SourceOverride> sourceOverride,
      boolean strict) {
    public Input {
      environment = Map.copyOf(environment);
      assignments = List.copyOf(assignments);
    }
  }

  /// `file` null means the built-in defaults.
  public ConfigReader(NodeCatalogue catalogue, @Nullable Path file, Input input) {
    this.catalogue = catalogue;
    this.file = file;
    this.environment = input.environment();
    this.assignments = input.assignments();
    this.sourceOverride = input.sourceOverride();
    this.strict = input.strict();
  }

  @Override
  public Spec<MillraceConfig> spec() {
    return SPEC;
  }

  /// Everything at once, for a start or a check; empty after an error in `problems`.
  public Optional<ConfigSource.Loaded<Settings>> load(Problems problems) {
    var reading = read(problems);
    return reading
        .document()
        .flatMap(
            document ->
                bind(document, problems)
                    .filter(settings -> !problems.hasErrors())
                    .map(
                        settings ->
                            new ConfigSource.Loaded<>(
                                reading, document, settings, problems.all())));
  }

  @Override
  public Reading read(Problems problems) {
    var files = new ConfigFiles();
    var document =
        document(files, problems)
            .map(root -> new SecretFiles(secrets(files), problems).apply(root, SPEC))
            .map(root -> withGraphs(root, files, problems));
    document.ifPresent(root -> noteFiles(root, files));
    return new Reading(document, files.seen());
  }

  @Override
  public Optional<Settings> bind(Tree.Mapping document, Problems problems) {
    var found = new Problems();
    var config = SPEC.read(document, found);
    refuseDuplicateNames(document, found);
    var graphs =
        readGraphs(
            config.map(MillraceConfig::pipelines).orElseGet(() -> soundPipelines(document)), found);
    boolean strictly = strict || config.map(MillraceConfig::strictConfig).orElse(false);
    var judged = strictly ? found.strict() : found;
    problems.addAll(judged.all());
    return judged.hasErrors()
        ? Optional.empty()
        : config.map(
            values -> new Settings(values, graphs, base(), Secrets.values(document, SPEC)));
  }

  /// The file with everything laid over it that takes precedence.
  private Optional<Tree.Mapping> document(ConfigFiles files, Problems problems) {
    var document =
        file == null
            ? Optional.of(Tree.Mapping.empty(Location.of("built-in defaults")))
            : bytes(
                    file,
                    files,
                    ConfigSource.MISSING,
                    "Name an existing file, or leave it out to run with defaults.",
                    problems)
                .flatMap(bytes -> Documents.parseMapping(file.toString(), bytes, problems))
                .map(root -> substitution(file, files, problems).apply(root));
    return document.map(
        root ->
            Overrides.set(
                Overrides.environment(root, environment, problems), assignments, problems));
  }

  /// The document with the graphs of other files in their places, and with the secrets of nodes.
  private Tree.Mapping withGraphs(Tree.Mapping root, ConfigFiles files, Problems problems) {
    if (!(root.get("pipelines") instanceof Tree.Sequence listed)) {
      return root;
    }
    var pipelines = new ArrayList<Tree>();
    for (var item : listed.items()) {
      pipelines.add(
          item instanceof Tree.Mapping pipeline ? withGraph(pipeline, files, problems) : item);
    }
    return root.with("pipelines", new Tree.Sequence(listed.location(), pipelines));
  }

  private Tree withGraph(Tree.Mapping pipeline, ConfigFiles files, Problems problems) {
    var whole = pipeline;
    if (pipeline.get("graph") == null
        && pipeline.get("file") instanceof Tree.Scalar scalar
        && scalar.value() instanceof String name) {
      var graph = namedGraph(base(), name, files, problems);
      if (graph.isEmpty()) {
        return pipeline; // what is wrong with it has been said
      }
      whole = without(pipeline, "file").with("graph", graph.get());
    }
    var graph = whole.get("graph");
    return graph == null ? whole : whole.with("graph", withSecrets(graph, files, problems));
  }

  /// The graph that `name` stands for beneath `folder`: a file, or, behind `#`, a pipeline of a
  /// configuration.
  private Optional<Tree> namedGraph(
      Path folder, String name, ConfigFiles files, Problems problems) {
    int hash = name.lastIndexOf('#');
    if (hash < 0) {
      return graph(folder.resolve(name), files, problems);
    }
    var from = folder.resolve(name.substring(0, hash));
    var wanted = name.substring(hash + 1);
    var tree = graph(from, files, problems);
    if (tree.isEmpty()) {
      return tree;
    }
    if (tree.get() instanceof Tree.Mapping root
        && root.get("pipelines") instanceof Tree.Sequence listed) {
      for (var item : listed.items()) {
        if (item instanceof Tree.Mapping pipeline
            && pipeline.get("name") instanceof Tree.Scalar called
            && wanted.equals(called.value())) {
          return pipeline.get("file") instanceof Tree.Scalar(var at, String file, var origin)
                  && file.indexOf('#') < 0
              ? graph(folderOf(from).resolve(file), files, problems)
              : Optional.ofNullable(pipeline.get("graph"));
        }
      }
    }
    problems.error(
        "E_UNREADABLE",
        tree.get().location(),
        "there is no pipeline " + wanted + " in this configuration",
        "Name one behind the #, or a graph's file without it.");
    return Optional.empty();
  }

  private Tree withSecrets(Tree graph, ConfigFiles files, Problems problems) {
    if (!(graph instanceof Tree.Mapping root)
        || !(root.get("nodes") instanceof Tree.Sequence nodes)) {
      return graph; // the graph's reader says what is wrong with it
    }
    var secrets = new SecretFiles(secrets(files), problems);
    var filled = new ArrayList<Tree>();
    for (var node : nodes.items()) {
      filled.add(
          node instanceof Tree.Mapping mapping
                  && mapping.get("config") instanceof Tree.Mapping config
                  && mapping.get("type") instanceof Tree.Scalar type
              ? catalogue
                  .find(String.valueOf(type.value()))
                  .<Tree>map(known -> mapping.with("config", secrets.apply(config, known.spec())))
                  .orElse(node)
              : node);
    }
    return root.with("nodes", new Tree.Sequence(nodes.location(), filled));
  }

  /// Files that others read: their content decides, and a change of it is a change of their keys.
  private void noteFiles(Tree.Mapping root, ConfigFiles files) {
    NamedFiles.of(root).forEach(file -> files.note(file.key(), base().resolve(file.path())));
  }

  /// The pipelines whose graphs can be looked at although the configuration around them is wrong;
  /// what is wrong with the others has been reported with it.
  private static List<PipelineSpec> soundPipelines(Tree.Mapping root) {
    if (!(root.get("pipelines") instanceof Tree.Sequence listed)) {
      return List.of();
    }
    var sound = new ArrayList<PipelineSpec>();
    for (var item : listed.items()) {
      if (item instanceof Tree.Mapping pipeline) {
        Spec.of(PipelineSpec.class).read(pipeline, new Problems()).ifPresent(sound::add);
      }
    }
    return sound;
  }

  private static void refuseDuplicateNames(Tree.Mapping root, Problems problems) {
    var names = new HashSet<String>();
    if (root.get("pipelines") instanceof Tree.Sequence listed) {
      for (var item : listed.items()) {
        if (item instanceof Tree.Mapping pipeline
            && pipeline.get("name") instanceof Tree.Scalar(var location, String name, var origin)
            && !names.add(name)) {
          problems.error(
              "E_DUPLICATE_PIPELINE",
              location,
              "two pipelines are called " + name,
              "Give one another name.");
        }
      }
    }
  }

  private List<NamedGraph> readGraphs(List<PipelineSpec> pipelines, Problems problems) {
    var graphs = new ArrayList<NamedGraph>();
    boolean replaced = false;
    for (var pipeline : pipelines) {
      var written = Optional.ofNullable(pipeline.graph());
      var meant = written.map(this::withItsSourceReplaced);
      replaced |= !meant.equals(written);
      meant
          .flatMap(tree -> Graph.read(tree, catalogue, problems))
          .ifPresent(
              graph -> graphs.add(new NamedGraph(pipeline.name(), graph, pipeline.autostart())));
    }
    if (sourceOverride.isPresent() && !replaced && !problems.hasErrors()) {
      problems.error(
          "E_NOTHING_TO_REPLACE",
          Location.of(file == null ? "built-in defaults" : file.toString()),
          "no pipeline has a live source that "
              + sourceOverride.get().type()
              + " could stand in for",
          "Name a configuration that has one, such as recipes/labels.");
    }
    return graphs;
  }

  private Tree withItsSourceReplaced(Tree graph) {
    return sourceOverride.map(other -> other.apply(graph, catalogue)).orElse(graph);
  }

  private Optional<Tree> graph(Path from, ConfigFiles files, Problems problems) {
    return bytes(
            from,
            files,
            "E_UNREADABLE",
            "A pipeline names it; a graph's file stands beside the configuration.",
            problems)
        .flatMap(bytes -> Documents.parse(from.toString(), bytes, problems))
        .map(tree -> substitution(from, files, problems).apply(tree));
  }

  private static Optional<byte[]> bytes(
      Path from, ConfigFiles files, String missing, String remedy, Problems problems) {
    try {
      return Optional.of(files.bytes(from));
    } catch (IOException failure) {
      boolean exists = Files.exists(from);
      problems.add(
          Problem.error(
              exists ? "E_UNREADABLE" : missing,
              Location.of(from.toString()),
              exists ? "the file cannot be read: " + failure : "there is no such file",
              remedy));
      return Optional.empty();
    }
  }

  /// `CONFIG_DIR` stands for the folder of the file.
  private Substitution substitution(Path from, ConfigFiles files, Problems problems) {
    var own = Map.of("CONFIG_DIR", folderOf(from).toString());
    return new Substitution(own, environment::get, secrets(files), problems);
  }

  /// Secrets' files stand beside the configuration too.
  private SecretReader secrets(ConfigFiles files) {
    return path -> files.text(base().resolve(path));
  }

  private Path base() {
    return file == null ? Path.of("").toAbsolutePath() : folderOf(file);
  }

  private static Tree.Mapping without(Tree.Mapping mapping, String key) {
    var entries = new LinkedHashMap<>(mapping.entries());
    entries.remove(key);
    return new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
  }

  private static Path folderOf(Path file) {
    var parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? Path.of("/") : parent;
  }
}
