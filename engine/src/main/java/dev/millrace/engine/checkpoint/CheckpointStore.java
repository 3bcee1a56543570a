package dev.millrace.engine.checkpoint;

import dev.millrace.core.metric.Metrics;
import dev.millrace.engine.EngineMetric;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The checkpoints of one pipeline: a file each, in a folder of its own, of which the newest stay.
/// A file has its name only once all of it is on the disk, so a crash at any point leaves the older
/// ones as they were.
///
/// For one thread at a time.
public final class CheckpointStore {
  private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);

  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{1,18})\\.bin");
  private static final String REFUSED = ".refused";
  private static final String UNFINISHED = ".tmp";

  private final Path folder;
  private final String pipeline;
  private final int keep;
  private final long mostStateBytes;
  private final Metrics metrics;
  private final Opener opener;

  /// Opens files to write; another one than [#open] in tests of what fails.
  @FunctionalInterface
  interface Opener {
    FileChannel open(Path path) throws IOException;
  }

  /// `mostStateBytes` is what the states of one checkpoint may have together.
  public CheckpointStore(
      Path folder, String pipeline, int keep, long mostStateBytes, Metrics metrics) {
    this(folder, pipeline, keep, mostStateBytes, metrics, CheckpointStore::open);
  }

  CheckpointStore(
      Path folder, String pipeline, int keep, long mostStateBytes, Metrics metrics, Opener opener) {
    this.folder = folder;
    this.pipeline = pipeline;
    this.keep = keep;
    this.mostStateBytes = mostStateBytes;
    this.metrics = metrics;
    this.opener = opener;
  }

  /// The folder for a pipeline of that name below `above`: what a file name may not have, and a dot
  /// in front, stands there as `%` and two hexadecimal digits.
  public static Path folder(Path above, String pipeline) {
    var name = new StringBuilder();
    for (byte octet : pipeline.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          (octet >= 'a' && octet <= 'z')
              || (octet >= 'A' && octet <= 'Z')
              || (octet >= '0' && octet <= '9')
              || octet == '_'
              || octet == '-'
              || (octet == '.' && !name.isEmpty());
      name.append(
          plain
              ? String.valueOf((char) octet)
              : String.format(Locale.ROOT, "%%%02X", octet & 0xff));
    }
    return above.resolve(name.isEmpty() ? "%" : name.toString());
  }

  Path folder() {
    return folder;
  }

  /// Of all that are there, sound or not, the newest first.
  ///
  /// @throws IOException if the folder cannot be read
  public List<Long> ids() throws IOException {
    var ids = new ArrayList<Long>();
    for (var file : files()) {
      var name = NAME.matcher(String.valueOf(file.getFileName()));
      if (name.matches()) {
        ids.add(Long.parseLong(name.group(1)));
      }
    }
    ids.sort(Comparator.reverseOrder());
    return ids;
  }

  /// The checkpoint `id`; empty, and said so, if its file is torn, foreign or unreadable.
  public Optional<Checkpoint> read(long id) {
    var file = file(id);
    try {
      long size = Files.size(file);
      if (size > mostStateBytes + CheckpointCodec.MOST_OTHER_BYTES
          || size > Integer.MAX_VALUE / 2) {
        throw new IOException("it has " + size + " bytes, more than a checkpoint may");
      }
      var checkpoint = CheckpointCodec.read(pipeline, Files.readAllBytes(file));
      if (checkpoint.id() != id) {
        throw new IOException("it holds the checkpoint " + checkpoint.id());
      }
      return Optional.of(checkpoint);
    } catch (IOException broken) {
      metrics.counter(EngineMetric.CHECKPOINTS_SKIPPED, pipeline, "unreadable").inc();
      log.warn("{}: the checkpoint {} is skipped: {}", pipeline, file, said(broken));
      return Optional.empty();
    }
  }

  /// Puts a checkpoint on the disk, for good once this returns, and lets go of the oldest.
  ///
  /// @return the bytes of its file
  /// @throws IOException if that fails; those that were there stay
  public long write(Checkpoint checkpoint) throws IOException {
    long states = checkpoint.stateBytes();
    if (states > mostStateBytes) {
      throw new IOException(
          "the states of all nodes have "
              + states
              + " bytes together; raise checkpoint.max_state from "
              + mostStateBytes);
    }
    Files.createDirectories(folder);
    var unfinished = folder.resolve("checkpoint" + UNFINISHED);
    long size;
    try (var channel = opener.open(unfinished);
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
      CheckpointCodec.write(pipeline, checkpoint, out);
      out.flush();
      channel.force(true);
      size = channel.size();
    }
    Files.move(unfinished, file(checkpoint.id()), StandardCopyOption.ATOMIC_MOVE);
    forceFolder();
    prune();
    return size;
  }

  /// Has the checkpoint `id`, and those that are newer, not be found any more: what they fit to is
  /// about to change.
  public void setAside(long id) throws IOException {
    var newer = ids().stream().filter(other -> other >= id).toList();
    for (long each : newer) {
      var file = file(each);
      Files.move(
          file, file.resolveSibling(file.getFileName() + REFUSED), StandardCopyOption.ATOMIC_MOVE);
    }
    if (!newer.isEmpty()) {
      forceFolder();
    }
  }

  /// Removes all checkpoints, and the folder if nothing else is in it.
  public void removeAll() throws IOException {
    boolean others = false;
    for (var file : files()) {
      var name = String.valueOf(file.getFileName());
      if (NAME.matcher(name).matches() || name.endsWith(REFUSED) || name.endsWith(UNFINISHED)) {
        Files.deleteIfExists(file);
      } else {
        others = true;
      }
    }
    if (!others) {
      Files.deleteIfExists(folder);
    }
  }

  private Path file(long id) {
    return folder.resolve(String.format(Locale.ROOT, "checkpoint-%012d.bin", id));
  }

  private List<Path> files() throws IOException {
    try (var all = Files.list(folder)) {
      return all.toList();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  /// Of what has its name and of what was set aside, so many stay.
  private void prune() {
    try {
      var files = files();
      prune(files, NAME.asMatchPredicate());
      prune(files, name -> name.endsWith(REFUSED));
    } catch (IOException failure) {
      log.warn("{}: old checkpoints in {} cannot be removed: {}", pipeline, folder, said(failure));
    }
  }

  private void prune(List<Path> files, Predicate<String> which) throws IOException {
    var old =
        files.stream()
            .filter(file -> which.test(String.valueOf(file.getFileName())))
            .sorted(Comparator.reverseOrder())
            .skip(keep)
            .toList();
    for (var file : old) {
      Files.deleteIfExists(file);
    }
  }

  /// A new name in a folder is on the disk once the folder is.
  private void forceFolder() throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static FileChannel open(Path path) throws IOException {
    return FileChannel.open(
        path,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }

  static String said(IOException failure) {
    var message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }
}
