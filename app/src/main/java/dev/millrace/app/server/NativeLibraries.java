package dev.millrace.app.server;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Has libraries with native parts unpack them into a folder of ours instead of the system's folder
/// for temporary files, where what a killed process leaves would lie for ever. They ask for the
/// folder when they are first used, so this comes before anything that uses them.
///
/// Whoever has named a folder for one of them on the command line keeps it: a data directory may be
/// on a disk from which nothing can be run.
final class NativeLibraries implements AutoCloseable {
  /// Where sqlite-jdbc, zstd-jni, Netty and JNA look.
  private static final List<String> PROPERTIES =
      List.of("org.sqlite.tmpdir", "ZstdTempFolder", "io.netty.native.workdir", "jna.tmpdir");

  private final List<String> changed = new ArrayList<>();

  private NativeLibraries() {}

  static NativeLibraries unpackInto(Path folder) {
    var libraries = new NativeLibraries();
    for (var property : PROPERTIES) {
      if (System.getProperty(property) == null) {
        libraries.changed.add(property);
        System.setProperty(property, folder.toString());
      }
    }
    return libraries;
  }

  /// The folder may be gone from now on.
  @Override
  public void close() {
    changed.forEach(System::clearProperty);
  }
}
