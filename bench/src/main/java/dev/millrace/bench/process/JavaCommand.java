package dev.millrace.bench.process;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// The command line of a further JVM with this one's Java and classes.
final class JavaCommand {
  /// Set by the launcher when this JVM's own class path is not the one to pass on.
  private static final String CLASS_PATH_PROPERTY = "millrace.class_path";

  private JavaCommand() {}

  static List<String> of(List<String> jvmArguments, String mainClass, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArguments);
    command.add("-cp");
    command.add(classPath());
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /// Absolute, because the further JVM runs in a folder of its own.
  private static String classPath() {
    var classPath = System.getProperty(CLASS_PATH_PROPERTY, System.getProperty("java.class.path"));
    return Arrays.stream(classPath.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
