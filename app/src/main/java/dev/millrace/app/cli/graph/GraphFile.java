package dev.millrace.app.cli.graph;

import dev.millrace.app.cli.ExitCode;
import dev.millrace.app.cli.ExitException;
import dev.millrace.app.cli.Messages;
import dev.millrace.app.config.ConfigReader;
import dev.millrace.core.document.Documents;
import dev.millrace.core.document.Tree;
import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.engine.graph.Graph;
import dev.millrace.engine.graph.GraphDocument;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The graph a command line means: a document of its own, or a pipeline of a configuration, which
/// is named behind a `#` where there are several.
final class GraphFile {
  private final Path path;
  private final String pipeline; // empty where none is named
  private final NodeCatalogue catalogue;

  /// A sound graph, the document it was read from, and what it is called.
  record Sound(String name, Tree document, Graph graph) {}

  GraphFile(String named, NodeCatalogue catalogue) {
    int hash = Files.exists(Path.of(named)) ? -1 : named.lastIndexOf('#');
    this.path = Path.of(hash < 0 ? named : named.substring(0, hash));
    this.pipeline = hash < 0 ? "" : named.substring(hash + 1);
    this.catalogue = catalogue;
  }

  Path path() {
    return path;
  }

  /// Reads the graph for a command that cannot go on without; warnings go to `err`.
  ///
  /// @throws ExitException with every problem
  Sound sound(PrintWriter err) throws ExitException {
    var problems = new Problems();
    var read = read(problems);
    if (read.isEmpty()) {
      throw refused(problems);
    }
    problems.all().forEach(err::println);
    return read.get();
  }

  static ExitException refused(Problems problems) {
    return new ExitException(
        ExitCode.BAD_CONFIGURATION,
        problems + Messages.count(problems.errorCount(), "error") + ".");
  }

  /// The graph, or empty after adding every problem of it.
  Optional<Sound> read(Problems problems) {
    return document(path, problems)
        .flatMap(tree -> isConfiguration(tree) ? pipeline(problems) : alone(tree, problems))
        .flatMap(
            found ->
                Graph.read(found.document(), catalogue, problems)
                    .map(graph -> new Sound(name(found, graph), found.document(), graph)));
  }

  /// The tree of a file.
  static Optional<Tree> document(Path file, Problems problems) {
    try (var in = Files.newInputStream(file)) {
      // One byte more than is read shows that there is too much; a file may have no end.
      var bytes = in.readNBytes(Documents.Limits.GRAPH.bytes() + 1);
      return GraphDocument.parse(file.toString(), bytes, problems);
    } catch (IOException failure) {
      boolean exists = Files.exists(file);
      problems.error(
          exists ? "E_UNREADABLE" : "E_NO_FILE",
          Location.of(file.toString()),
          exists ? "the file cannot be read" : "there is no such file",
          exists ? "Name a readable file, not a folder." : "Name an existing file.");
      return Optional.empty();
    }
  }

  /// A graph's tree and the name of its pipeline, empty without one.
  private record Found(String name, Tree document) {}

  private Optional<Found> alone(Tree tree, Problems problems) {
    if (pipeline.isEmpty()) {
      return Optional.of(new Found("", tree));
    }
    problems.error(
        "E_NO_PIPELINE",
        tree.location(),
        "this is a graph, not a configuration with the pipeline " + pipeline,
        "Leave out #" + pipeline + ".");
    return Optional.empty();
  }

  private Optional<Found> pipeline(Problems problems) {
    var input = new ConfigReader.Input(System.getenv(), List.of(), Optional.empty(), false);
    var whole = new ConfigReader(catalogue, path, input).read(problems).document();
    return whole.flatMap(root -> pipeline(root, problems));
  }

  private Optional<Found> pipeline(Tree.Mapping root, Problems problems) {
    var found = new ArrayList<Found>();
    if (root.get("pipelines") instanceof Tree.Sequence listed) {
      for (var item : listed.items()) {
        if (item instanceof Tree.Mapping one && one.get("graph") != null) {
          found.add(
              new Found(text(one.get("name")), java.util.Objects.requireNonNull(one.get("graph"))));
        }
      }
    }
    var names = found.stream().map(Found::name).toList();
    var meant =
        pipeline.isEmpty() && found.size() == 1
            ? Optional.of(found.getFirst())
            : found.stream().filter(one -> one.name().equals(pipeline)).findFirst();
    if (meant.isEmpty() && !problems.hasErrors()) {
      problems.error(
          "E_NO_PIPELINE",
          root.location(),
          pipeline.isEmpty()
              ? "the configuration has " + Messages.count(found.size(), "pipeline") + ": " + names
              : "the configuration has no pipeline " + pipeline + ", but " + names,
          found.isEmpty()
              ? "Name a file with a graph."
              : "Write "
                  + path
                  + "#"
                  + Suggestion.closest(pipeline, names).orElse(names.getFirst())
                  + ".");
    }
    return meant;
  }

  private String name(Found found, Graph graph) {
    var own = found.name().isEmpty() ? graph.name() : found.name();
    var file = String.valueOf(path.getFileName());
    int dot = file.indexOf('.');
    return !own.isEmpty() ? own : dot < 1 ? file : file.substring(0, dot);
  }

  private static boolean isConfiguration(Tree tree) {
    return tree instanceof Tree.Mapping(var location, Map<String, Tree> entries, var keys)
        && !entries.containsKey("nodes")
        && entries.containsKey("pipelines");
  }

  private static String text(@org.jspecify.annotations.Nullable Tree tree) {
    return tree instanceof Tree.Scalar scalar ? String.valueOf(scalar.value()) : "";
  }
}
