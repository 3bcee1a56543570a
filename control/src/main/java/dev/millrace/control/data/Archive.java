package dev.millrace.control.data;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.zip.CRC32;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A backup that has been written, opened for reading. Whoever made it, nothing it says is
/// believed: its manifest lists the only names there may be, and the only sizes and sums they may
/// have, so that the manifest bounds what reading costs. Confined to one thread.
public final class Archive implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Archive.class);
  private static final int BUFFER_BYTES = 64 << 10;

  private final Path file;
  private final ZipFile zip;
  private final Manifest manifest;
  private final byte[] buffer = new byte[BUFFER_BYTES];

  private Archive(Path file, ZipFile zip, Manifest manifest) {
    this.file = file;
    this.zip = zip;
    this.manifest = manifest;
  }

  /// Opens `file` and checks everything but the content of its entries.
  ///
  /// @throws ProblemException if it is not a whole backup
  public static Archive open(Path file) throws ProblemException {
    ZipFile opened = null;
    try {
      opened = new ZipFile(file.toFile());
      var archive = new Archive(file, opened, manifestOf(opened));
      archive.checkNames();
      opened = null; // the archive closes it
      return archive;
    } catch (ZipException broken) {
      throw unusable(file, "it is not a whole ZIP file (" + broken.getMessage() + ")");
    } catch (BadArchiveException broken) {
      throw unusable(file, String.valueOf(broken.getMessage()));
    } catch (IOException unreadable) {
      throw unusable(file, "it cannot be read: " + unreadable);
    } finally {
      closeQuietly(opened);
    }
  }

  public Manifest manifest() {
    return manifest;
  }

  /// Reads every byte and checks it against the manifest.
  ///
  /// @throws ProblemException naming the first file that is not what it was
  public void verify() throws ProblemException {
    try {
      for (var entry : manifest.files()) {
        extract(entry, OutputStream.nullOutputStream());
      }
    } catch (BadArchiveException altered) {
      throw unusable(file, String.valueOf(altered.getMessage()));
    } catch (IOException failure) {
      throw unusable(file, "it cannot be read: " + failure);
    }
  }

  /// Writes every file beneath `folder`, which is empty and nobody else's, checks it against the
  /// manifest and gets it onto the disk.
  ///
  /// @throws BadArchiveException if a file is not what it was
  /// @throws IOException if it cannot be written
  void unpack(Path folder) throws BadArchiveException, IOException {
    var folders = new ArrayList<Path>();
    folders.add(folder);
    for (var entry : manifest.files()) {
      var target = folder.resolve(entry.name()).normalize();
      if (!target.startsWith(folder)) {
        throw new BadArchiveException("the name " + entry.name() + " in it leads elsewhere");
      }
      for (var parent = target.getParent();
          parent != null && !Files.isDirectory(parent);
          parent = parent.getParent()) {
        folders.add(parent);
      }
      Files.createDirectories(target.getParent());
      // Only ever new files: no link that stands in the way could be followed.
      try (var out =
          Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        extract(entry, out);
      }
      Durable.sync(target);
    }
    for (var written : folders) {
      Durable.sync(written);
    }
  }

  @Override
  public void close() {
    closeQuietly(zip);
  }

  private void extract(Manifest.File entry, OutputStream out)
      throws BadArchiveException, IOException {
    var digest = Sha256.fresh();
    long bytes = 0;
    try (var in = entry(zip, Backup.FILE_ENTRIES + entry.name())) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
        if (bytes > entry.bytes()) {
          throw new BadArchiveException(entry.name() + " is longer than its manifest says");
        }
        digest.update(buffer, 0, read);
        out.write(buffer, 0, read);
      }
    } catch (ZipException | EOFException broken) {
      throw new BadArchiveException(entry.name() + " in it is damaged");
    }
    if (bytes < entry.bytes() || !Sha256.hex(digest).equals(entry.sha256())) {
      throw new BadArchiveException(entry.name() + " is not what it was when the backup was made");
    }
  }

  /// The manifest's names and the archive's are the same, in the same order.
  private void checkNames() throws BadArchiveException {
    var expected = new ArrayList<String>();
    expected.add(Backup.MANIFEST_ENTRY);
    manifest.files().forEach(one -> expected.add(Backup.FILE_ENTRIES + one.name()));
    if (zip.size() != expected.size()) {
      throw new BadArchiveException(
          "it holds " + zip.size() + " entries and its manifest lists " + expected.size());
    }
    var names = expected.iterator();
    var entries = zip.entries();
    while (entries.hasMoreElements()) {
      var found = entries.nextElement().getName();
      var wanted = names.next();
      if (!found.equals(wanted)) {
        throw new BadArchiveException(
            "it holds "
                + EntryName.shown(found)
                + " where its manifest has "
                + EntryName.shown(wanted));
      }
    }
  }

  private static Manifest manifestOf(ZipFile zip) throws BadArchiveException, IOException {
    var entry = zip.getEntry(Backup.MANIFEST_ENTRY);
    if (entry == null) {
      throw new BadArchiveException("it has no " + Backup.MANIFEST_ENTRY);
    }
    try (var in = entry(zip, Backup.MANIFEST_ENTRY)) {
      var json = in.readNBytes(Manifest.MAX_JSON_BYTES + 1);
      if (json.length > Manifest.MAX_JSON_BYTES) {
        throw new BadArchiveException("its manifest is too large");
      }
      var sum = new CRC32(); // nothing else says whether the manifest is what it was
      sum.update(json);
      if (sum.getValue() != entry.getCrc()) {
        throw new BadArchiveException("its manifest is damaged");
      }
      return Manifest.read(json);
    } catch (ZipException | EOFException broken) {
      throw new BadArchiveException("its manifest is damaged");
    }
  }

  private static InputStream entry(ZipFile zip, String name)
      throws BadArchiveException, IOException {
    var entry = zip.getEntry(name);
    var in = entry == null ? null : zip.getInputStream(entry);
    if (in == null) {
      throw new BadArchiveException("it lacks " + EntryName.shown(name));
    }
    return in;
  }

  static ProblemException unusable(Path file, String what) {
    return new ProblemException(
        Problem.error(
            "E_BAD_BACKUP",
            Location.of(file.toString()),
            "the backup cannot be used: " + what,
            "Take another backup, or fetch this one again."));
  }

  private static void closeQuietly(@Nullable ZipFile zip) {
    if (zip != null) {
      try {
        zip.close();
      } catch (IOException harmless) {
        log.debug("Closing {} failed", zip.getName(), harmless);
      }
    }
  }
}
