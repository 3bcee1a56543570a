package dev.millrace.app.config;

import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Overrides;
import dev.millrace.core.document.Substitution;
import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import dev.millrace.engine.graph.Graph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads a configuration in the order of precedence (file, then environment, then `--set`) and
/// reports every problem of it, its graphs included, at once.
public final class ConfigReader {
  private final NodeCatalogue catalogue;
  private final Map<String, String> environment;
  private final List<String> assignments;
  private final Optional<SourceOverride> sourceOverride;

  /// `environment` is the process's; `assignments` are the `--set` options in their order.
  public ConfigReader(
      NodeCatalogue catalogue,
      Map<String, String> environment,
      List<String> assignments,
      Optional<SourceOverride> sourceOverride) {
    this.catalogue = catalogue;
    this.environment = Map.copyOf(environment);
    this.assignments = List.copyOf(assignments);
    this.sourceOverride = sourceOverride;
  }

  /// The settings of `file`, or of the built-in defaults when it is null; empty when `problems` has
  /// an error. With `strict`, or `strict_config: true` in the file, warnings are errors.
  public Optional<Settings> read(@Nullable Path file, boolean strict, Problems problems) {
    var found = new Problems();
    var document = readDocument(file, found);
    var config = document.flatMap(root -> Spec.of(MillraceConfig.class).read(root, found));
    var graphs = new ArrayList<Settings.NamedGraph>();
    document.ifPresent(root -> refuseDuplicateNames(root, found));
    document.ifPresent(
        root ->
            readGraphs(
                config.map(MillraceConfig::pipelines).orElseGet(() -> soundPipelines(root)),
                file,
                graphs,
                found));
    boolean strictly = strict || config.map(MillraceConfig::strictConfig).orElse(false);
    var judged = strictly ? found.strict() : found;
    problems.addAll(judged.all());
    if (judged.hasErrors() || config.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Settings(
            config.get(),
            List.copyOf(graphs),
            judged.all().stream().filter(problem -> !problem.isError()).toList()));
  }

  /// The file with everything laid over it that takes precedence.
  private Optional<Tree.Mapping> readDocument(@Nullable Path file, Problems problems) {
    var document =
        file == null
            ? Optional.<Tree>of(Tree.Mapping.empty(Location.of("built-in defaults")))
            : load(file, "Name an existing file, or leave it out to run with defaults.", problems);
    if (document.isEmpty()) {
      return Optional.empty();
    }
    if (!(document.get() instanceof Tree.Mapping root)) {
      problems.error(
          "E_BAD_CONFIG",
          document.get().location(),
          "a configuration is a mapping, not " + document.get().describe(),
          "Begin with a key, such as server: or pipelines:.");
      return Optional.empty();
    }
    return Optional.of(
        Overrides.set(Overrides.environment(root, environment, problems), assignments, problems));
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

  private void readGraphs(
      List<PipelineSpec> pipelines,
      @Nullable Path file,
      List<Settings.NamedGraph> graphs,
      Problems problems) {
    boolean replaced = false;
    for (var pipeline : pipelines) {
      var written = graphOf(pipeline, file, problems);
      var meant = written.map(this::withItsSourceReplaced);
      replaced |= !meant.equals(written);
      meant
          .flatMap(tree -> Graph.read(tree, catalogue, problems))
          .ifPresent(graph -> graphs.add(new Settings.NamedGraph(pipeline.name(), graph)));
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
  }

  private Tree withItsSourceReplaced(Tree graph) {
    return sourceOverride.map(other -> other.apply(graph, catalogue)).orElse(graph);
  }

  private Optional<Tree> graphOf(PipelineSpec pipeline, @Nullable Path file, Problems problems) {
    if (pipeline.graph() != null) {
      return Optional.of(pipeline.graph());
    }
    var folder = file == null ? Path.of("") : folderOf(file);
    return load(
        folder.resolve(String.valueOf(pipeline.file())),
        "The pipeline "
            + pipeline.name()
            + " names it; a graph's file stands beside the configuration.",
        problems);
  }

  /// Parses a file and fills in its `${…}`; `CONFIG_DIR` stands for the folder of the file.
  private Optional<Tree> load(Path file, String remedy, Problems problems) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException failure) {
      problems.add(
          Problem.error(
              "E_UNREADABLE",
              Location.of(file.toString()),
              Files.exists(file) ? "the file cannot be read: " + failure : "there is no such file",
              remedy));
      return Optional.empty();
    }
    var folder = folderOf(file).toString();
    return Documents.parse(file.toString(), bytes, problems)
        .map(
            tree ->
                new Substitution(
                        name -> name.equals("CONFIG_DIR") ? folder : environment.get(name),
                        problems)
                    .apply(tree));
  }

  private static Path folderOf(Path file) {
    var parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? Path.of("/") : parent;
  }
}
