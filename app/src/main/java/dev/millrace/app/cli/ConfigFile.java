package dev.millrace.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Which file a command line means: a file, a folder that holds `millrace.yaml`, or, when nothing
/// is named, `millrace.yaml` of the current folder if there is one.
final class ConfigFile {
  private static final String NAME = "millrace.yaml";

  private ConfigFile() {}

  static @Nullable Path find(@Nullable Path named) {
    if (named == null) {
      var here = Path.of(NAME);
      return Files.isRegularFile(here) ? here : null;
    }
    if (Files.isDirectory(named)) {
      return named.resolve(NAME);
    }
    // Recipes are found from any folder: recipes/labels stands beside the launcher.
    var home = System.getProperty("millrace.home");
    if (!Files.exists(named) && home != null) {
      var shipped = Path.of(home).resolve(named);
      return Files.isDirectory(shipped) ? shipped.resolve(NAME) : named;
    }
    return named;
  }
}
