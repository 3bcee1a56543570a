package dev.millrace.engine.flow;

import dev.millrace.core.node.NodeContext;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import dev.millrace.engine.schedule.Task;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// One of several instances of a node: does one [Job] at a time, on its own thread or in turns on a
/// shared worker. Where a frame of the job has to wait for a retry, or the node is not ready, it
/// parks with the job in hand and goes on when it is woken.
final class Instance extends Task implements Supervised {
  private final Group group;
  private final Stage stage;
  private final NodeContext context;
  private final Clock clock;
  private final Activity activity;

  /// Where it stands. It says [Group#hear] of each change that it makes itself.
  enum State {
    OPENING,
    FREE,
    BUSY,
    /// Its job is done.
    DONE,
    /// It is closed, or could not be opened.
    GONE
  }

  // Written by whoever opens it, then by its own thread, and by the chain where it is the chain's
  // move: FREE to BUSY, DONE to FREE.
  private volatile State state = State.OPENING;

  // Written by the chain while it is free, cleared by its thread.
  private volatile @Nullable Job job;

  private volatile boolean working; // its thread
  private volatile boolean leaving; // set once, by the chain or by an opening that failed
  private volatile @Nullable Throwable notOpened; // set once, by whoever opens it
  private volatile @Nullable Thread opener; // set once, by the chain

  // Of the job in hand; the chain's until it hands one over.
  private boolean begun;
  private int next;

  // Chain only.
  @Nullable Job given;
  boolean idled;
  boolean retired;
  long freeSince;

  Instance(Group group, Stage stage, NodeContext context, Host host, Clock clock) {
    super(host);
    this.group = group;
    this.stage = stage;
    this.context = context;
    this.clock = clock;
    this.activity = new Activity(clock);
    stage.runsIn(this);
  }

  State state() {
    return state;
  }

  Stage stage() {
    return stage;
  }

  Activity activity() {
    return activity;
  }

  boolean working() {
    return working;
  }

  @Nullable Throwable notOpened() {
    return notOpened;
  }

  /// Opens the node where it will run, and waits for it.
  ///
  /// @throws Exception whatever the node threw; the instance is as good as gone
  void open() throws Exception {
    Callable<Boolean> opening =
        () -> {
          stage.open(context);
          return true;
        };
    try {
      if (host() instanceof OwnThread own) {
        own.call(opening);
      } else {
        opening.call();
      }
      state = State.FREE;
    } catch (Throwable failure) {
      notOpened = failure;
      leaving = true;
      throw failure;
    } finally {
      launch();
    }
    group.hear(this);
  }

  /// Opens the node on a thread that may wait for it.
  void openBeside() {
    var thread = Thread.ofVirtual().name(name()).unstarted(this::tryToOpen);
    opener = thread;
    thread.start();
  }

  private void tryToOpen() {
    try {
      open();
    } catch (Throwable failure) {
      // noted by open; the group says so when it hears that the instance is gone
      notOpened = failure;
    }
  }

  /// Chain: gives it something to do; it must be free.
  void give(Job fresh) {
    given = fresh;
    begun = false;
    next = fresh.from;
    state = State.BUSY;
    job = fresh;
    wake();
  }

  /// Chain: takes the job back, which is done.
  Job takeBack() {
    var over = Objects.requireNonNull(given, "a job is done that nobody gave");
    given = null;
    over.done = true;
    state = State.FREE;
    return over;
  }

  /// Chain: it closes as soon as it is not at work.
  void leave() {
    if (!leaving) {
      leaving = true;
      var waiting = opener;
      if (waiting != null && state == State.OPENING) {
        waiting.interrupt();
      }
      wake();
    }
  }

  @Override
  public boolean isCancelled() {
    return leaving || group.chain().isCancelled();
  }

  @Override
  public boolean hurries() {
    return leaving || group.chain().hurries();
  }

  @Override
  public boolean opensItself() {
    return host() instanceof OwnThread;
  }

  @Override
  protected Turn turn() {
    if (leaving) {
      return close();
    }
    // Before the look at the hold: either we see it, or whoever holds us sees that we work.
    working = true;
    if (group.held() && !isCancelled()) {
      working = false;
      group.chain().wake();
      return Turn.PARK;
    }
    activity.turnBegins(clock.nanoTime());
    var mine = job;
    boolean done = mine != null && run(mine);
    boolean unready = mine != null && !done && !begun;
    stage.stats().publish();
    activity.turnEnds(clock.nanoTime(), false, unready);
    working = false;
    if (done) {
      job = null;
      state = State.DONE;
      group.hear(this);
    } else if (group.held()) {
      group.chain().wake();
    }
    return Turn.PARK;
  }

  @Override
  protected void held(Duration held, StackTraceElement[] stack) {
    group.chain().held(held, stack);
  }

  /// Goes on with the job.
  ///
  /// @return false if it has to wait
  private boolean run(Job mine) {
    try {
      if (!done(mine)) {
        return false;
      }
    } catch (NodeFailure failure) {
      mine.failure = failure;
    } catch (Throwable unexpected) {
      mine.failure =
          new NodeFailure(stage.id(), "its turn", NodeFailure.NO_SEQUENCE, null, unexpected);
    }
    mine.made = stage.out().takeAll();
    var letters = stage.deadLetters();
    if (letters != null) {
      mine.letters = letters.take();
    }
    return true;
  }

  private boolean done(Job mine) throws NodeFailure {
    if (!begun && mine.kind != Job.Kind.IDLE && !stage.ready()) {
      return false;
    }
    begun = true;
    stage.watermark(mine.watermark);
    switch (mine.kind) {
      case FRAMES -> {
        var taken = Objects.requireNonNull(mine.taken, "a job of frames has a batch");
        var batch = taken.batch();
        if (batch.lent()) {
          stage.out().lends();
        }
        stage.from(taken.edge());
        next = stage.process(batch.frames(), next, mine.to);
        if (next < mine.to) {
          return false;
        }
        tellTime(mine);
        // What the batch is the end of is known to all instances together, not to this one.
        stage.batchEnd(null);
      }
      case IDLE -> {
        tellTime(mine);
        stage.idle();
      }
      case FINISH -> {
        tellTime(mine);
        stage.finish();
      }
    }
    return true;
  }

  private void tellTime(Job mine) {
    if (mine.reached != null) {
      stage.watermark(mine.reached.micros());
    }
  }

  /// Closing may take its time, and a shared worker has none.
  private Turn close() {
    if (host() instanceof OwnThread) {
      closeNode();
    } else {
      Thread.ofVirtual().name(name()).start(this::closeNode);
    }
    return Turn.END;
  }

  private void closeNode() {
    stage.out().clear();
    stage.close();
    if (retired) {
      context.recovered(); // whatever it complained of is gone with it
    }
    state = State.GONE;
    group.hear(this);
  }

  private String name() {
    return "millrace-" + stage.pipeline() + "-" + stage.id();
  }
}
