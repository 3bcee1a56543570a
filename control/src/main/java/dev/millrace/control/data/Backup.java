package dev.millrace.control.data;

import dev.millrace.connect.sqlite.OnlineCopy;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one archive that holds a data directory while the process goes on using it.
///
/// The archive is a ZIP file: `MANIFEST.json` first (see [Manifest]), then every file as
/// `data/<name>`, in the manifest's order. A SQLite database is in it as it was when its copy
/// began, whole transactions only, rows and positions together; each database is consistent in
/// itself. Any other file is in it up to the length it had at the beginning. Left out are the lock,
/// logs beside databases (their content is in the copies), temporary files, caches that are made
/// anew, other backups, links, and folders that are data directories of their own; what of these
/// somebody might miss, the manifest names.
///
/// Everything is first copied to `tmp/`, because sizes and sums stand before the files; the copies
/// go as they are packed. One backup at a time; run it on a platform thread.
public final class Backup {
  static final String NAME_PREFIX = "millrace-backup-";
  static final String NAME_SUFFIX = ".zip";
  static final String MANIFEST_ENTRY = "MANIFEST.json";
  static final String FILE_ENTRIES = "data/";

  /// Free space that a backup leaves to those who store events.
  static final long RESERVE_BYTES = 64L << 20;

  private static final Logger log = LoggerFactory.getLogger(Backup.class);
  private static final DateTimeFormatter NAME_TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final int BUFFER_BYTES = 64 << 10;
  private static final long LOOK_EVERY_BYTES = 8L << 20;

  private final Path dataDirectory;
  private final String version;
  private final LongSupplier freeBytes; // on the disk of the data directory
  private final BooleanSupplier stopped;

  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long sinceLook; // bytes written since free space was looked at
  private @Nullable Outcome reason; // to give up, when last looked for
  private volatile long total; // written by the thread of the backup, as is the next
  private final AtomicLong done = new AtomicLong();

  /// How a backup ended.
  public sealed interface Outcome {
    record Written(Manifest manifest, long archiveBytes) implements Outcome {}

    /// It was not begun, or given up, so that storing events does not run out of space.
    record NoSpace(long neededBytes, long freeBytes) implements Outcome {
      public String sentence() {
        return "a backup needs "
            + mebibytes(neededBytes)
            + " MiB of free space in the data directory for a while and there are "
            + mebibytes(freeBytes)
            + " MiB; free space and start it again";
      }

      private static long mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20);
      }
    }

    record Stopped() implements Outcome {}

    record Failed(String sentence) implements Outcome {}
  }

  /// `stopped` is asked again and again; once it says yes the backup ends soon.
  public Backup(Path dataDirectory, String version, BooleanSupplier stopped) {
    this(dataDirectory, version, dataDirectory.toFile()::getUsableSpace, stopped);
  }

  Backup(Path dataDirectory, String version, LongSupplier freeBytes, BooleanSupplier stopped) {
    this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
    this.version = version;
    this.freeBytes = freeBytes;
    this.stopped = stopped;
  }

  /// What to call an archive begun at `begun`: `millrace-backup-20250621T120000Z.zip`.
  static String nameFor(Instant begun) {
    return NAME_PREFIX + NAME_TIME.format(begun) + NAME_SUFFIX;
  }

  /// Whether there is too little space to begin, by names and sizes alone; null when there is
  /// enough. Any thread may ask.
  public Outcome.@Nullable NoSpace shortage() throws IOException {
    return shortage(Inventory.of(dataDirectory));
  }

  /// Parts of a thousand that are done. Any thread may ask.
  public int progress() {
    long all = total;
    return all == 0 ? 0 : (int) Math.min(1_000, done.get() * 1_000 / all);
  }

  /// Writes the archive to `target`, replacing what is there. After any other outcome than
  /// `Written` the target is gone, and temporary copies are gone in any case.
  public Outcome write(Path target, Instant now) {
    Path staging = null;
    boolean written = false;
    try {
      var temporary = Files.createDirectories(dataDirectory.resolve(DataDirectory.TEMPORARY));
      staging = Files.createTempDirectory(temporary, DataDirectory.TEMPORARY_PREFIX);
      var outcome = write(target, staging, now);
      written = outcome instanceof Outcome.Written;
      return outcome;
    } catch (GivenUpException givenUp) {
      return givenUp.outcome;
    } catch (IOException failure) {
      return new Outcome.Failed("the backup of " + dataDirectory + " failed: " + sentence(failure));
    } finally {
      deleteLeftovers(staging, written ? null : target);
    }
  }

  private Outcome write(Path target, Path staging, Instant now)
      throws IOException, GivenUpException {
    if (!(DataFormat.inspect(dataDirectory) instanceof DataFormat.Found.Marked(var format))) {
      return new Outcome.Failed(
          dataDirectory + " is no data directory: it has no " + DataFormat.FILE);
    }
    var inventory = Inventory.of(dataDirectory);
    if (inventory.items().size() > Manifest.MAX_FILES) {
      return new Outcome.Failed(
          "the data directory holds "
              + inventory.items().size()
              + " files; a backup holds at most "
              + Manifest.MAX_FILES);
    }
    var shortage = shortage(inventory);
    if (shortage != null) {
      return shortage;
    }
    total = 2 * inventory.bytes();
    var files = new ArrayList<Manifest.File>();
    var staged = new ArrayList<Path>();
    var leftOut = new ArrayList<>(inventory.leftOut());
    for (var item : inventory.items()) {
      var copy = staging.resolve(Integer.toString(staged.size()));
      try {
        files.add(stage(item, copy));
        staged.add(copy);
      } catch (NoSuchFileException gone) {
        if (Files.exists(item.file())) {
          throw gone;
        }
        leftOut.add(new Manifest.LeftOut(item.name(), "deleted while the backup was made"));
      }
    }
    var manifest = new Manifest(format, version, now, files, leftOut);
    pack(manifest, staged, target);
    return new Outcome.Written(manifest, Files.size(target));
  }

  /// Copies one file to `copy` and tells its size and sum.
  private Manifest.File stage(Inventory.Item item, Path copy) throws IOException, GivenUpException {
    var digest = Sha256.fresh();
    // An empty file may become a database at any time, so it is not opened.
    if (item.bytes() == 0) {
      Files.createFile(copy);
    } else if (OnlineCopy.isDatabase(item.file())) {
      copyDatabase(item.file(), copy);
      try (var in = Files.newInputStream(copy)) {
        transfer(
            in, new DigestOutputStream(OutputStream.nullOutputStream(), digest), Long.MAX_VALUE);
      }
    } else {
      try (var in = Files.newInputStream(item.file());
          var out = new DigestOutputStream(Files.newOutputStream(copy), digest)) {
        transfer(in, out, item.bytes());
      }
    }
    return new Manifest.File(item.name(), Files.size(copy), Sha256.hex(digest));
  }

  private void copyDatabase(Path database, Path copy) throws IOException, GivenUpException {
    boolean complete = OnlineCopy.copy(database, copy, () -> reasonToGiveUp() == null);
    if (!complete) {
      throw new GivenUpException(reason == null ? new Outcome.Stopped() : reason);
    }
  }

  private void pack(Manifest manifest, List<Path> staged, Path target)
      throws IOException, GivenUpException {
    var json = manifest.json();
    if (json.length > Manifest.MAX_JSON_BYTES) {
      throw new IOException("the names of all files together are too long for a manifest");
    }
    var file = new BufferedOutputStream(Files.newOutputStream(target), BUFFER_BYTES);
    try (var zip = new ZipOutputStream(file)) {
      zip.setLevel(Deflater.BEST_SPEED); // its one thread is the bottleneck
      zip.putNextEntry(new ZipEntry(MANIFEST_ENTRY));
      zip.write(json);
      for (int i = 0; i < staged.size(); i++) {
        zip.putNextEntry(new ZipEntry(FILE_ENTRIES + manifest.files().get(i).name()));
        try (var in = Files.newInputStream(staged.get(i))) {
          transfer(in, zip, Long.MAX_VALUE);
        }
        zip.closeEntry();
        Files.delete(staged.get(i));
      }
    }
  }

  private void transfer(InputStream in, OutputStream out, long limit)
      throws IOException, GivenUpException {
    long left = limit;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        return;
      }
      out.write(buffer, 0, read);
      left -= read;
      done.addAndGet(read);
      sinceLook += read;
      if (sinceLook > LOOK_EVERY_BYTES) {
        sinceLook = 0;
        var toEnd = reasonToGiveUp();
        if (toEnd != null) {
          throw new GivenUpException(toEnd);
        }
      }
    }
  }

  private @Nullable Outcome reasonToGiveUp() {
    if (stopped.getAsBoolean()) {
      reason = new Outcome.Stopped();
    } else {
      long free = freeBytes.getAsLong();
      reason = free < RESERVE_BYTES ? new Outcome.NoSpace(RESERVE_BYTES, free) : null;
    }
    return reason;
  }

  private Outcome.@Nullable NoSpace shortage(Inventory inventory) {
    // Copies go as they are packed, so both are there at once for one file only.
    long needed = inventory.bytes() + inventory.largest() + RESERVE_BYTES;
    long free = freeBytes.getAsLong();
    return free < needed ? new Outcome.NoSpace(needed, free) : null;
  }

  private static void deleteLeftovers(@Nullable Path staging, @Nullable Path target) {
    try {
      if (staging != null) {
        Durable.deleteTree(staging);
      }
      if (target != null) {
        Files.deleteIfExists(target);
      }
    } catch (IOException failure) {
      log.warn(
          "Files of a backup could not be deleted; the next start does: {}", sentence(failure));
    }
  }

  private static String sentence(IOException failure) {
    var message = failure.getMessage();
    return message == null || failure.getClass() != IOException.class
        ? failure.toString()
        : message;
  }

  /// Unwinds a backup that ends before its time.
  private static final class GivenUpException extends Exception {
    private final transient Outcome outcome;

    GivenUpException(Outcome outcome) {
      this.outcome = outcome;
    }
  }
}
