package dev.millrace.connect.sqlite;

import dev.millrace.connect.ConnectMetric;
import dev.millrace.connect.sqlite.Intake.Verdict;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.node.DurableSink;
import dev.millrace.core.node.Execution;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Outlet;
import dev.millrace.core.node.SourcePosition;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.time.Clock.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Stores each frame's JSON, byte for byte, in the table `records`, each event once.
///
/// Rows and the position that follows them are committed in one transaction: by number of rows, or
/// when the first of them has waited for the batch time, whether more input comes or not. Frames of
/// an exact stream that an earlier run committed are skipped by their sequence; of a stream that
/// repeats itself, duplicates are told by delivery key within the rewind window, which lives in the
/// same file. While the disk is full the sink keeps what it has in hand, tries again every second
/// and lets nothing further in.
public final class SqliteSink implements DurableSink {

  public static final NodeType<SqliteConfig> TYPE =
      NodeType.sink(
          "SqliteSink",
          "Stores events in a SQLite database, each once.",
          SqliteConfig.class,
          SqliteSink::new);

  /// How often a position is stored that no row came with.
  private static final long POSITION_ONLY_NANOS = 1_000_000_000;

  /// Rows may wait this many transactions long for the position that covers them.
  private static final int PATIENCE = 64;

  /// Frames that may wait for the first position of an announced stream.
  private static final int MAX_UNJUDGED = Outlet.MAX_FRAMES_PER_CALL;

  private static final long MINUTE_US = 60_000_000;

  private final SqliteConfig config;
  private final RewindWindow window;
  private final Intake intake;

  private @Nullable NodeContext context;
  private @Nullable StoreWriter writer;

  private final List<Frame> batch = new ArrayList<>(); // not yet judged
  private List<StoredRow> rows = new ArrayList<>(); // not yet committed
  private long highestSequence = Long.MIN_VALUE; // among the rows
  private final Map<String, SourcePosition> positions = new LinkedHashMap<>(); // not yet committed
  private @Nullable Timer wakeUp; // until the rows in hand are due
  private long firstRowNanos;
  private long lastCommitNanos;
  private volatile long held; // written by the sink's thread, read by whoever drains

  public SqliteSink(SqliteConfig config) {
    this.config = config;
    this.window = new RewindWindow(config.rewindWindow().toNanos() / 1_000, config.rewindMaxKeys());
    this.intake = new Intake(window);
  }

  @Override
  public Execution execution() {
    return Execution.NATIVE;
  }

  @Override
  public void open(NodeContext opened) throws ProblemException {
    context = opened;
    var fresh = new StoreWriter(opened, opened.resolve(config.path()), config.maxSize().bytes());
    intake.restore(fresh.open(config.rewindMaxKeys()));
    writer = fresh;
    lastCommitNanos = opened.clock().nanoTime();
  }

  @Override
  public OptionalLong committed(String stream) {
    var ordinal = intake.committed(stream);
    return ordinal == null ? OptionalLong.empty() : OptionalLong.of(ordinal);
  }

  @Override
  public void process(Frame frame, Outlet outlet) {
    batch.add(frame); // judged when the end of the batch has said how far its stream has come
  }

  @Override
  public void batchEnd(@Nullable SourcePosition position, Outlet outlet) throws Exception {
    if (position != null) {
      intake.reached(position);
      positions.merge(position.stream(), position, SqliteSink::further);
    }
    if (intake.knowsItsStreams() || batch.size() >= MAX_UNJUDGED) {
      judgeBatch();
    }
    held = (long) batch.size() + rows.size();
    if (rows.size() >= config.batchRows() || timeIsUp()) {
      commit(rows.size() >= (long) config.batchRows() * PATIENCE);
    }
  }

  @Override
  public void idle(Outlet outlet) throws Exception {
    if (timeIsUp()) {
      commit(false);
    } else if (!rows.isEmpty() && wakeUp == null) {
      // A commit rewrites a page per index, so a trickle of single events shares one.
      long waitNanos = firstRowNanos + config.batchTime().toNanos() - now();
      wakeUp = opened().clock().after(Duration.ofNanos(waitNanos), opened()::wake);
    }
  }

  @Override
  public void finish(Outlet outlet) throws Exception {
    judgeBatch();
    if (!rows.isEmpty() || !positions.isEmpty()) {
      commit(true);
    }
  }

  @Override
  public long heldFrames() {
    return held;
  }

  @Override
  public void close() {
    cancelWakeUp();
    var open = writer;
    writer = null;
    if (open != null) {
      open.close();
    }
  }

  private void judgeBatch() {
    if (rows.isEmpty()) {
      firstRowNanos = now();
    }
    long latestUs = opened().clock().epochMicros() + MINUTE_US;
    int stored = 0;
    int repeated = 0;
    for (var frame : batch) {
      switch (intake.judge(frame, latestUs)) {
        case Verdict.Store(var row) -> {
          rows.add(row);
          highestSequence = Math.max(highestSequence, row.sequence());
        }
        case Verdict.AlreadyStored() -> stored++;
        case Verdict.Duplicate() -> repeated++;
        case Verdict.Refuse(var reason, var sentence) -> opened().rejected(reason, sentence);
      }
    }
    batch.clear();
    countSkipped("already_stored", stored);
    countSkipped("duplicate", repeated);
  }

  /// Commits the rows that their position covers, or, if `all`, every row there is.
  private void commit(boolean all) throws Exception {
    cancelWakeUp();
    long covered = all ? Long.MAX_VALUE : intake.committableSequence();
    var ready = rows;
    List<StoredRow> waiting = new ArrayList<>(config.batchRows());
    if (highestSequence > covered) {
      ready = new ArrayList<>(rows.size());
      for (var row : rows) {
        (row.sequence() <= covered ? ready : waiting).add(row);
      }
    }
    if (ready.isEmpty() && positions.isEmpty()) {
      return;
    }
    var transaction = new Transaction(ready, positions.values(), window.unsaved(), window.floor());
    open().write(transaction, firstRowNanos);
    rows = waiting;
    highestSequence = waiting.isEmpty() ? Long.MIN_VALUE : highestSequence;
    positions.clear();
    window.saved();
    lastCommitNanos = now();
    firstRowNanos = lastCommitNanos;
    held = (long) batch.size() + rows.size();
  }

  private void cancelWakeUp() {
    if (wakeUp != null) {
      wakeUp.cancel();
      wakeUp = null;
    }
  }

  private boolean timeIsUp() {
    return rows.isEmpty()
        ? !positions.isEmpty() && now() - lastCommitNanos >= POSITION_ONLY_NANOS
        : now() - firstRowNanos >= config.batchTime().toNanos();
  }

  private static SourcePosition further(SourcePosition old, SourcePosition young) {
    return young.ordinal() < old.ordinal() ? old : young;
  }

  private void countSkipped(String reason, int number) {
    if (number > 0) {
      var node = opened();
      node.metrics()
          .counter(ConnectMetric.SQLITE_SKIPPED, node.pipeline(), node.node(), reason)
          .inc(number);
    }
  }

  private long now() {
    return opened().clock().nanoTime();
  }

  private NodeContext opened() {
    return Objects.requireNonNull(context, "the sink is not open");
  }

  private StoreWriter open() {
    return Objects.requireNonNull(writer, "the sink is not open");
  }
}
