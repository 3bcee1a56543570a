package dev.millrace.connect.replay;

import dev.millrace.connect.jetstream.EventReading;
import dev.millrace.connect.jetstream.JetstreamEvent;
import dev.millrace.core.frame.Body;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.Progress;
import dev.millrace.core.node.Source;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Plays a recording of Jetstream events, one per line, `.jsonl` or the same compressed with zstd,
/// byte for byte. A frame's sequence is its line's number from 1, its timestamp the event's
/// `time_us`. A broken line is counted and its neighbours are delivered; a file that cannot be read
/// to its end delivers what can be read and says so. The position is exact: the file's content and
/// the line.
public final class ReplaySource implements Source {

  public static final NodeType<ReplayConfig> TYPE =
      NodeType.source(
          "Replay",
          "Plays a recording of Jetstream events from a .jsonl or .jsonl.zst file.",
          ReplayConfig.class,
          ReplaySource::new);

  private final ReplayConfig config;
  private final PaceKeeper pace;

  private @Nullable NodeContext context;
  private @Nullable LineReader lines;
  private String stream = "";
  private String name = "";
  private long ordinal;
  private @Nullable Frame inHand; // read, but not due yet
  private long inHandDueNanos;
  private boolean ended;

  public ReplaySource(ReplayConfig config) {
    this.config = config;
    this.pace = new PaceKeeper(Pace.parse(config.rate()));
  }

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    context = opened;
    var file = opened.resolve(config.path());
    name = file.toString();
    if (!Files.isRegularFile(file)) {
      throw problem(
          file,
          Files.exists(file) ? name + " is not a file" : "there is no file " + name,
          "Give the path of a recording in `path`.",
          null);
    }
    try {
      stream = Recording.contentId(file);
      lines = new LineReader(Recording.open(file), config.maxLine().toIntExact());
    } catch (IOException unreadable) {
      throw problem(
          file,
          name + " cannot be read: " + unreadable,
          "Let this user read the file, or give another in `path`.",
          unreadable);
    }
    skipTo(opened.resumeAfter(stream).orElse(0));
  }

  @Override
  public Progress poll(Outlet outlet, int limit) {
    var clock = opened().clock();
    long now = clock.nanoTime();
    for (int emitted = 0; emitted < limit; ) {
      if (inHand == null && !readNext(now)) {
        return Progress.DONE;
      }
      var frame = inHand;
      if (frame == null) {
        emitted++; // a rejected line is work, too: the turn stays bounded
        continue;
      }
      if (inHandDueNanos > now) {
        return Progress.at(inHandDueNanos);
      }
      inHand = null;
      ordinal = frame.sequence();
      outlet.emit(frame);
      emitted++;
    }
    return Progress.MORE;
  }

  @Override
  public SourcePosition position() {
    return SourcePosition.exact(stream, ordinal);
  }

  @Override
  public void drain() {
    ended = true;
    inHand = null; // not emitted, so not in the position either: the next run begins with it
  }

  @Override
  public void close() {
    try {
      if (lines != null) {
        lines.close();
      }
    } catch (IOException failure) {
      opened().rejected("close", "closing " + name + " failed: " + failure);
    }
  }

  /// Puts the next event in hand; leaves the hand empty after a line that is none. False at the
  /// end.
  private boolean readNext(long now) {
    var line = nextLine();
    if (line == null) {
      return false;
    }
    long number = reader().ordinal();
    if (reader().tooLong()) {
      reject("too_long", number, "the line is longer than " + config.maxLine());
    } else if (!isBlank(line)) {
      var body = new Body.JsonBytes(line);
      switch (body.view(JetstreamEvent.VIEW)) {
        case JetstreamEvent event -> {
          inHand = new Frame(event.timeUs(), number, body, Metadata.NONE);
          inHandDueNanos = pace.dueNanos(event.timeUs(), now);
          return true;
        }
        case EventReading.Malformed broken ->
            reject(broken.reason().label(), number, broken.sentence());
      }
    }
    ordinal = number;
    return true;
  }

  private byte @Nullable [] nextLine() {
    if (ended) {
      return null;
    }
    try {
      var line = reader().next();
      ended = line == null;
      return line;
    } catch (IOException broken) {
      ended = true;
      opened()
          .rejected(
              "unreadable",
              name
                  + " cannot be read beyond line "
                  + reader().ordinal()
                  + ": "
                  + broken.getMessage()
                  + "; what stood before has been delivered");
      return null;
    }
  }

  private void skipTo(long committed) {
    while (reader().ordinal() < committed && nextLine() != null) {}
    ordinal = Math.max(committed, reader().ordinal());
  }

  private void reject(String reason, long line, String sentence) {
    opened().rejected(reason, name + ":" + line + ": " + sentence);
  }

  private NodeContext opened() {
    return java.util.Objects.requireNonNull(context, "the source is not open");
  }

  private LineReader reader() {
    return java.util.Objects.requireNonNull(lines, "the source is not open");
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  private static ProblemException problem(
      Path file, String what, String fix, @Nullable Throwable cause) {
    var problem = Problem.error("E_REPLAY", Location.of(file.toString()), what, fix);
    return cause == null ? new ProblemException(problem) : new ProblemException(problem, cause);
  }
}
