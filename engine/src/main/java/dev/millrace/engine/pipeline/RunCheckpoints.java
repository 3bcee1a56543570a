package dev.millrace.engine.pipeline;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.EngineMetric;
import dev.millrace.engine.checkpoint.CheckpointCoordinator;
import dev.millrace.engine.checkpoint.CheckpointStatus;
import dev.millrace.engine.checkpoint.CheckpointStore;
import dev.millrace.engine.checkpoint.CheckpointWriter;
import dev.millrace.engine.checkpoint.NodeKey;
import dev.millrace.engine.flow.Chain;
import dev.millrace.engine.graph.CheckpointSpec;
import dev.millrace.engine.graph.Graph;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The checkpoints of one run: where it goes on, and what it leaves for the next one. [#begin] is
/// for the starting thread; everything else is safe from any thread.
final class RunCheckpoints {
  private static final Logger log = LoggerFactory.getLogger(RunCheckpoints.class);

  private final Surroundings around;
  private final CheckpointStore store;
  private final CheckpointWriter writer;
  private final CheckpointCoordinator coordinator;

  // Written by the starting thread, read by the writer's: what is told until there is a checkpoint.
  private volatile @Nullable Refused refused;

  /// A node refused its state, and what was said about that.
  private record Refused(RunningNode context, String sentence) {}

  /// Makes the parts of a run.
  interface Parts {

    /// Makes all and opens them; `from` is null for a run that begins anew.
    Assembly open(@Nullable Restoring from) throws ProblemException;

    /// Closes them all again.
    void abandon(Assembly made);
  }

  private RunCheckpoints(Surroundings around, CheckpointSpec spec, CheckpointStore store, long id) {
    this.around = around;
    this.store = store;
    var clock = around.runtime().clock();
    var metrics = around.services().metrics();
    this.writer = new CheckpointWriter(store, around.pipeline(), metrics, clock, this::trustAgain);
    this.coordinator = new CheckpointCoordinator(spec, writer, id, clock);
  }

  /// For a run that has not begun.
  ///
  /// @throws ProblemException if the folder is none that a graph may write to, or cannot be read
  static RunCheckpoints of(Surroundings around, CheckpointSpec spec, boolean anew)
      throws ProblemException {
    var name = around.pipeline();
    var at = Location.of("checkpoints of the pipeline " + name);
    var folder = CheckpointStore.folder(around.services().resolve(at, spec.dir()), name);
    var metrics = around.services().metrics();
    var most = spec.maxState().bytes();
    var store = new CheckpointStore(folder, name, spec.keep(), most, metrics);
    try {
      var ids = store.ids();
      if (anew) {
        store.removeAll();
      }
      long next = ids.isEmpty() ? 1 : ids.getFirst() + 1;
      return new RunCheckpoints(around, spec, store, next);
    } catch (IOException failure) {
      throw new ProblemException(
          Problem.error(
              "E_CHECKPOINT",
              at,
              "the folder " + folder + " cannot be read: " + failure,
              "Mend it, or name another by checkpoint.dir."),
          failure);
    }
  }

  CheckpointCoordinator coordinator() {
    return coordinator;
  }

  /// Opens the run at the newest checkpoint that fits, or anew if none does. Nothing is restored
  /// once `wanted` says that nobody wants the run any more.
  Assembly begin(Parts parts, BooleanSupplier wanted) throws ProblemException {
    String sentence = null;
    String node = "";
    for (long id : ids()) {
      var found = store.read(id);
      if (found.isEmpty()) {
        continue;
      }
      var restoring = new Restoring(around.pipeline(), found.get());
      var made = parts.open(restoring);
      if (!wanted.getAsBoolean()) {
        return made;
      }
      try {
        var over = restoring.into(made);
        setAside(id + 1);
        coordinator.over(over);
        writer.goesOnFrom(found.get().epochMicros());
        long age = around.runtime().clock().epochMicros() - found.get().epochMicros();
        log.info(
            "{} goes on from its checkpoint {}, {} s old", around.pipeline(), id, age / 1_000_000);
        tell(made, node, sentence);
        return made;
      } catch (Restoring.Refusal refusal) {
        around
            .services()
            .metrics()
            .counter(EngineMetric.CHECKPOINTS_SKIPPED, around.pipeline(), "refused")
            .inc();
        node = refusal.node();
        sentence = "it refused the state of the checkpoint " + id + ": " + refusal.getMessage();
        log.warn("{}/{}: {}", around.pipeline(), node, sentence);
        parts.abandon(made);
      }
    }
    setAside(0);
    var made = parts.open(null);
    tell(made, node, sentence == null ? null : sentence + "; the run began anew");
    return made;
  }

  private List<Long> ids() throws ProblemException {
    try {
      return store.ids();
    } catch (IOException failure) {
      throw unmovable(failure);
    }
  }

  private void setAside(long id) throws ProblemException {
    try {
      store.setAside(id);
    } catch (IOException failure) {
      throw unmovable(failure);
    }
  }

  private ProblemException unmovable(IOException failure) {
    return new ProblemException(
        Problem.error(
            "E_CHECKPOINT",
            Location.of("checkpoints of the pipeline " + around.pipeline()),
            "checkpoints that do not fit cannot be set aside: " + failure,
            "Mend the folder, or remove them."),
        failure);
  }

  private void tell(Assembly made, String node, @Nullable String sentence) {
    var there = made.graph().find(node);
    if (sentence != null && there.isPresent()) {
      var context = made.context(there.get());
      context.trouble(sentence);
      refused = new Refused(context, sentence);
    }
  }

  /// There is a checkpoint of this run.
  private void trustAgain() {
    var old = refused;
    if (old != null) {
      refused = null;
      if (old.sentence().equals(old.context().trouble())) {
        old.context().recovered();
      }
    }
  }

  /// These parts run from now on.
  void runs(Assembly parts) {
    coordinator.runs(
        parts.chains(),
        parts.chains().stream().filter(Chain::isHead).toList(),
        keys(parts.graph()));
  }

  private static Map<String, NodeKey> keys(Graph graph) {
    var keys = new LinkedHashMap<String, NodeKey>();
    for (var node : graph.nodes()) {
      keys.put(node.id(), Restoring.key(node));
    }
    return keys;
  }

  CheckpointStatus status() {
    return writer.status();
  }

  /// Every chain has ended.
  void ended() {
    boolean removes = coordinator.completed();
    coordinator.stop();
    if (removes) {
      writer.removeAll();
    }
    writer.finish();
  }

  /// After [#close]: nobody is to go on from this run.
  void forget() {
    try {
      store.removeAll();
    } catch (IOException failure) {
      log.warn(
          "{}: its checkpoints could not be removed: {}", around.pipeline(), failure.toString());
    }
  }

  /// Nothing follows; waits for what is on its way to the disk.
  void close() {
    coordinator.stop();
    writer.close();
  }
}
