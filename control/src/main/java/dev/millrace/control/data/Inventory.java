package dev.millrace.control.data;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a backup of a data directory has to hold, as it stands at one moment. Only names and sizes
/// are looked at: nothing is opened, because a database is to be opened by SQLite alone.
///
/// `bytes` are those of all items and of the logs beside databases, which end up in their copies.
record Inventory(List<Item> items, List<Manifest.LeftOut> leftOut, long bytes) {

  /// A file and its size at the time; a file that grows afterwards is copied up to that.
  record Item(Path file, String name, long bytes) {}

  static Inventory of(Path root) throws IOException {
    // Links are not followed, and the root itself may be one.
    var real = root.toRealPath();
    var visitor = new Visitor(real);
    Files.walkFileTree(real, visitor);
    visitor.items.sort(Comparator.comparing(Item::name));
    visitor.leftOut.sort(Comparator.comparing(Manifest.LeftOut::name));
    return new Inventory(
        List.copyOf(visitor.items), List.copyOf(visitor.leftOut), visitor.totalBytes);
  }

  long largest() {
    return items.stream().mapToLong(Item::bytes).max().orElse(0);
  }

  private static final class Visitor extends SimpleFileVisitor<Path> {
    private static final List<String> SIDE_FILES = List.of("-wal", "-shm", "-journal");

    private final Path root;
    private final List<Item> items = new ArrayList<>();
    private final List<Manifest.LeftOut> leftOut = new ArrayList<>();
    private long totalBytes;

    Visitor(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      if (folder.equals(root)) {
        return FileVisitResult.CONTINUE;
      }
      if (folder.equals(root.resolve(DataDirectory.TEMPORARY))) {
        return FileVisitResult.SKIP_SUBTREE;
      }
      if (Files.exists(folder.resolve(DataFormat.FILE))) {
        leftOut.add(new Manifest.LeftOut(name(folder), "another data directory"));
        return FileVisitResult.SKIP_SUBTREE;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (file.equals(root.resolve(DataDirectory.LOCK))) {
        return FileVisitResult.CONTINUE;
      }
      if (isSideFile(file)) {
        totalBytes += attributes.size();
        return FileVisitResult.CONTINUE;
      }
      var name = name(file);
      var objection = EntryName.objection(name);
      var reason =
          !attributes.isRegularFile()
              ? Optional.of(attributes.isSymbolicLink() ? "a link" : "not a regular file")
              : objection != null ? Optional.of("its name " + objection) : passing(name);
      if (reason.isPresent()) {
        leftOut.add(new Manifest.LeftOut(EntryName.shown(name), reason.get()));
      } else {
        items.add(new Item(file, name, attributes.size()));
        totalBytes += attributes.size();
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE; // deleted while we looked
      }
      throw failure;
    }

    /// Why a file is not worth keeping, if that can be told from its name.
    private static Optional<String> passing(String name) {
      var last = name.substring(name.lastIndexOf('/') + 1);
      if (last.endsWith(Durable.PART) || last.endsWith(".tmp") || last.equals(DataDirectory.LOCK)) {
        return Optional.of("temporary");
      }
      if (last.endsWith(".aot")) {
        return Optional.of("made anew from the program");
      }
      return last.startsWith(Backup.NAME_PREFIX) && last.endsWith(Backup.NAME_SUFFIX)
          ? Optional.of("a backup itself")
          : Optional.empty();
    }

    private static boolean isSideFile(Path file) {
      var name = String.valueOf(file.getFileName());
      return SIDE_FILES.stream()
          .filter(name::endsWith)
          .anyMatch(
              end ->
                  Files.exists(
                      file.resolveSibling(name.substring(0, name.length() - end.length()))));
    }

    private String name(Path file) {
      var name = new StringBuilder();
      for (var part : root.relativize(file)) {
        name.append(name.isEmpty() ? "" : "/").append(part);
      }
      return name.toString();
    }
  }
}
