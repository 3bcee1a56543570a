package dev.millrace.app.server;

import dev.millrace.core.node.NodeCatalogue;
import dev.millrace.core.node.NodeProvider;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/// Node types of users: every jar in a folder, each with a class loader of its own above the
/// product's, so that two plugins may bring different versions of one library. They stay loaded
/// until the process ends.
public record Plugins(List<NodeType<?>> types) {
  public static final Plugins NONE = new Plugins(List.of());

  private static final String FOLDER_VARIABLE = "MILLRACE_PLUGINS";

  public Plugins {
    types = List.copyOf(types);
  }

  /// Those in `plugins` of the current folder, or in the folder that `MILLRACE_PLUGINS` names.
  ///
  /// @throws ProblemException naming the jar that cannot be used
  public static Plugins installed(Map<String, String> environment) throws ProblemException {
    var named = environment.get(FOLDER_VARIABLE);
    if (named != null && !Files.isDirectory(Path.of(named))) {
      throw unusable(
          Path.of(named),
          FOLDER_VARIABLE + " names it, and it is not a folder",
          "Name a folder with jars, or unset the variable.");
    }
    return in(Path.of(named == null ? "plugins" : named));
  }

  /// Those in `folder`, in the order of the jars' names; none without such a folder.
  ///
  /// @throws ProblemException naming the jar that cannot be used
  public static Plugins in(Path folder) throws ProblemException {
    if (!Files.isDirectory(folder)) {
      return NONE;
    }
    var types = new ArrayList<NodeType<?>>();
    for (var jar : jars(folder)) {
      types.addAll(typesOf(jar));
    }
    return new Plugins(types);
  }

  /// A catalogue of these types and those of `own`.
  ///
  /// @throws ProblemException if two have one name
  public NodeCatalogue besides(NodeCatalogue own) throws ProblemException {
    var all = new ArrayList<NodeType<?>>(own.types());
    all.addAll(types);
    try {
      return new NodeCatalogue(all);
    } catch (IllegalArgumentException taken) {
      throw new ProblemException(
          Problem.error(
              "E_PLUGIN",
              Location.of("plugins"),
              String.valueOf(taken.getMessage()),
              "Rename the plugin's type, or take its jar away."),
          taken);
    }
  }

  private static List<Path> jars(Path folder) throws ProblemException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException failure) {
      throw unusable(folder, "it cannot be listed: " + failure, "Make it readable.");
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very loader: what its parents bring is not the jar's
  private static List<NodeType<?>> typesOf(Path jar) throws ProblemException {
    var types = new ArrayList<NodeType<?>>();
    // Never closed: nodes load classes as long as they run.
    var loader = new URLClassLoader(new URL[] {url(jar)}, Plugins.class.getClassLoader());
    try {
      for (var provider : ServiceLoader.load(NodeProvider.class, loader)) {
        if (provider.getClass().getClassLoader() == loader) {
          types.addAll(provider.types());
        }
      }
    } catch (ServiceConfigurationError | RuntimeException | LinkageError failure) {
      throw unusable(
          jar,
          "its node types cannot be had: " + failure,
          "Build it against this version of Millrace, or take the jar away.");
    }
    if (types.isEmpty()) {
      throw unusable(
          jar,
          "it brings no node type",
          "Name its provider in META-INF/services/" + NodeProvider.class.getName() + ".");
    }
    return types;
  }

  private static URL url(Path jar) throws ProblemException {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw unusable(jar, "it has no address: " + impossible, "Rename it.");
    }
  }

  private static ProblemException unusable(Path where, String what, String fix) {
    return new ProblemException(
        Problem.error("E_PLUGIN", Location.of(where.toString()), what, fix));
  }
}
