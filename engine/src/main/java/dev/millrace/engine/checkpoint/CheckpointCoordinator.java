package dev.millrace.engine.checkpoint;

import dev.millrace.core.node.Stateful;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.graph.CheckpointSpec;
import dev.millrace.engine.schedule.Wakeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which checkpoint of one run is under way, and what has come of it so far.
///
/// One at a time. It begins when its time has come or a source has made enough frames: the chains
/// are woken, those with a source save their nodes and send a barrier behind what they have made,
/// the others do so once a barrier has come over each edge. When every chain has told what it saved
/// or that it has ended, the whole goes to [CheckpointWriter], and frames do not wait for the disk.
///
/// Whatever stands in the way (a node that cannot save, a change, a pause, a failure, too long a
/// wait) gives the one under way up: its barriers mean nothing any more, and nobody waits for them.
/// Safe from any thread; nothing here blocks.
public final class CheckpointCoordinator {
  private final CheckpointSpec spec;
  private final CheckpointWriter writer;
  private final Clock clock;

  // Written under this, read by chains at every step.
  private volatile @Nullable CheckpointRequest wanted;

  // All below guarded by this.
  private final Map<String, SavedNode> ended = new LinkedHashMap<>(); // of chains that are over
  private final Map<String, SavedNode> gathered = new LinkedHashMap<>(); // for the one under way
  private final Set<Wakeable> missing = new HashSet<>(); // chains it waits for
  private final Set<Wakeable> gone = new HashSet<>(); // that have ended in good order
  private Set<Wakeable> live = new HashSet<>();
  private Set<Wakeable> heads = new HashSet<>(); // of these, those with a source or an entry
  private Map<String, NodeKey> nodes = Map.of();
  private long nextId;
  private long beganNanos;
  private int suspensions;
  private boolean begun;
  private boolean lastAsked;
  private boolean lastBegan;
  private boolean stopped;
  private Clock.@Nullable Timer rhythm;
  private Clock.@Nullable Timer patience;

  /// `firstId` is above those of all checkpoints that are there.
  public CheckpointCoordinator(
      CheckpointSpec spec, CheckpointWriter writer, long firstId, Clock clock) {
    this.spec = spec;
    this.writer = writer;
    this.nextId = firstId;
    this.clock = clock;
  }

  /// These chains run from now on, with the nodes of these keys by id; `begin` is those of them
  /// with a source or an entry. While nothing is under way.
  public synchronized void runs(
      Collection<? extends Wakeable> chains,
      Collection<? extends Wakeable> begin,
      Map<String, NodeKey> keys) {
    begun = true;
    gone.retainAll(chains);
    live = new HashSet<>(chains);
    live.removeAll(gone);
    heads = new HashSet<>(begin);
    heads.retainAll(live);
    nodes = Map.copyOf(keys);
    ended.keySet().retainAll(nodes.keySet());
  }

  /// These nodes were given everything in an earlier run.
  public synchronized void over(Collection<SavedNode> earlier) {
    earlier.forEach(state -> ended.put(state.key().id(), state));
  }

  /// Checkpoints begin by the clock from now on.
  public synchronized void start() {
    if (spec.intervalMs() > 0 && !stopped) {
      rhythm = clock.every(Duration.ofMillis(spec.intervalMs()), this::begin);
    }
  }

  /// A checkpoint is due; nothing happens while one is under way or none may be.
  public void begin() {
    Set<Wakeable> woken;
    synchronized (this) {
      if (stopped || lastAsked || suspensions > 0 || wanted != null || writer.busy()) {
        return;
      }
      if (heads.isEmpty()) {
        return; // nothing comes any more
      }
      woken = beginNow(false);
    }
    wake(woken);
  }

  /// Whether none is under way or on its way to the disk. Costs little.
  public boolean isFree() {
    return wanted == null && !writer.busy();
  }

  /// The run is being drained: one more checkpoint, of everything that was handed out.
  public void last() {
    Set<Wakeable> woken;
    synchronized (this) {
      if (stopped || lastAsked) {
        return;
      }
      lastAsked = true;
      if (heads.isEmpty()) {
        return;
      }
      giveUp();
      lastBegan = true;
      woken = beginNow(true);
    }
    wake(woken);
  }

  private Set<Wakeable> beginNow(boolean last) {
    long id = nextId++;
    beganNanos = clock.nanoTime();
    gathered.clear();
    missing.clear();
    missing.addAll(live);
    wanted = new CheckpointRequest(id, last);
    if (!last) {
      patience =
          clock.after(
              Duration.ofMillis(spec.timeoutMs()),
              () -> failed(id, "it was not through within " + spec.timeoutMs() + " ms"));
    }
    return Set.copyOf(live);
  }

  /// What is under way; null while nothing is. For chains, at each step.
  public @Nullable CheckpointRequest wanted() {
    return wanted;
  }

  /// Frames of one source between two checkpoints; 0 for no matter.
  public long everyFrames() {
    return spec.everyFrames();
  }

  /// The node's state as it is now. On the node's own thread.
  ///
  /// @throws IOException if the node fails to write it, or it is larger than it may be
  public byte[] save(Stateful node) throws IOException {
    return StateBytes.of(node, spec.maxNodeState().bytes());
  }

  /// Of a node of this run.
  public synchronized NodeKey key(String node) {
    var key = nodes.get(node);
    if (key == null) {
      throw new IllegalStateException("the run has no node " + node);
    }
    return key;
  }

  /// `chain` has saved its nodes for the checkpoint `id`, and its barriers are on their way.
  public synchronized void saved(long id, Wakeable chain, List<SavedNode> states) {
    var request = wanted;
    if (request != null && request.id() == id && missing.remove(chain)) {
      states.forEach(state -> gathered.put(state.key().id(), state));
      completeIfAll();
    }
  }

  /// A chain has ended in good order; `states` is what its nodes were before they heard that
  /// nothing follows.
  public synchronized void ended(Wakeable chain, List<SavedNode> states) {
    gone.add(chain);
    if (!live.remove(chain)) {
      return;
    }
    heads.remove(chain);
    states.forEach(state -> ended.put(state.key().id(), state));
    if (missing.remove(chain)) {
      completeIfAll();
    }
  }

  /// The last state of a chain that has ended cannot be had, for the reason `why`, so no checkpoint
  /// of this run would be whole any more.
  public void incomplete(String why) {
    stop();
    writer.failed(0, why + "; there are no further ones in this run");
  }

  /// The checkpoint `id` cannot come about, for the reason `why`.
  public void failed(long id, String why) {
    Set<Wakeable> woken;
    synchronized (this) {
      var request = wanted;
      if (request == null || request.id() != id) {
        return;
      }
      giveUp();
      woken = Set.copyOf(live);
    }
    writer.failed(id, why);
    wake(woken);
  }

  /// No checkpoint until [#resume]; what is under way is given up. Calls nest.
  public void suspend() {
    Set<Wakeable> woken;
    synchronized (this) {
      suspensions++;
      giveUp();
      woken = Set.copyOf(live);
    }
    wake(woken);
  }

  public synchronized void resume() {
    suspensions--;
  }

  /// No checkpoint any more: what comes now of this run is no cut through its frames. What is under
  /// way is given up, unless it is on its way to the disk.
  public void stop() {
    Set<Wakeable> woken;
    synchronized (this) {
      stopped = true;
      if (rhythm != null) {
        rhythm.cancel();
      }
      giveUp();
      woken = Set.copyOf(live);
    }
    wake(woken);
  }

  /// Whether all chains have ended in good order, and their sources by themselves.
  public synchronized boolean completed() {
    return begun && !stopped && !lastBegan && live.isEmpty();
  }

  private void giveUp() {
    wanted = null;
    gathered.clear();
    missing.clear();
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
  }

  private void completeIfAll() {
    var request = wanted;
    if (request == null || !missing.isEmpty()) {
      return;
    }
    var states = new LinkedHashMap<String, SavedNode>();
    ended.forEach(
        (id, state) -> {
          if (nodes.containsKey(id)) {
            states.put(id, state);
          }
        });
    states.putAll(gathered);
    giveUp();
    writer.write(
        new Checkpoint(request.id(), clock.epochMicros(), List.copyOf(states.values())),
        beganNanos);
  }

  private static void wake(Set<Wakeable> chains) {
    chains.forEach(Wakeable::wake);
  }
}
