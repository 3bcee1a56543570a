package dev.millrace.engine.flow;

import dev.millrace.core.frame.SampleLender;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeContext;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.schedule.Host;
import dev.millrace.engine.schedule.OwnThread;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/// The instances that share one node's work: how many there are, and which of them are free. What
/// they are given and what becomes of it is up to [SharedSteps].
///
/// Confined to the thread of the chain it belongs to, except where a method says otherwise. An
/// instance says what became of it by [#hear], and the chain listens at its next turn.
public final class Group {
  private final Stage lead;
  private final Spec spec;
  private final Supplier<Host> hosts;
  private final BiFunction<SampleLender, LongSupplier, NodeContext> contexts;
  private final NodeContext place;
  private final Clock clock;
  private final Elasticity elasticity;
  private final ArrayDeque<Instance> free = new ArrayDeque<>(); // the last to come in front

  // Instances that have changed state, each at most twice.
  private final MpscVarHandleArrayQueue<Instance> news;

  // Written by the starting thread and then by the chain's, read by anybody.
  private final List<Instance> instances = new CopyOnWriteArrayList<>();

  private volatile @Nullable Chain chain; // written once, when the chain is made
  private volatile boolean held; // written by the chain
  private boolean leaving;
  private boolean shortHanded; // an instance could not be opened, and none since
  private Clock.@Nullable Timer timer;
  private long timerNanos;

  /// At least `min` and at most `max` instances; `ordered` if what they make goes on in the order
  /// of what it was made of.
  public record Spec(int min, int max, boolean ordered) {
    public Spec {
      if (min < 1 || max < min) {
        throw new IllegalArgumentException("instances: min " + min + ", max " + max);
      }
    }
  }

  /// `lead` is the node's place; its instance becomes the first of the group. `hosts` says where
  /// each is to run, `contexts` what it is lent beside arrays and its watermark.
  public Group(
      Stage lead,
      Spec spec,
      Supplier<Host> hosts,
      BiFunction<SampleLender, LongSupplier, NodeContext> contexts,
      Clock clock) {
    this.lead = lead;
    this.spec = spec;
    this.hosts = hosts;
    this.contexts = contexts;
    this.place = contexts.apply(lead.out(), lead::watermarkMicros);
    this.clock = clock;
    this.elasticity = new Elasticity(spec.max());
    this.news = new MpscVarHandleArrayQueue<>(4 * spec.max() + 4);
  }

  /// The starting thread: opens the least number of instances.
  ///
  /// @throws Exception whatever a node threw
  void open() throws Exception {
    for (int i = 0; i < spec.min(); i++) {
      add(i == 0 ? lead.node() : lead.freshNode()).open();
    }
  }

  /// Any thread: how many instances there are, those that are being opened or closed included.
  public int size() {
    return instances.size();
  }

  /// Any thread: the threads of instances that have one of their own.
  public List<OwnThread> threads() {
    return instances.stream()
        .map(Instance::host)
        .filter(OwnThread.class::isInstance)
        .map(OwnThread.class::cast)
        .toList();
  }

  Stage lead() {
    return lead;
  }

  Spec spec() {
    return spec;
  }

  void serves(Chain served) {
    chain = served;
  }

  Chain chain() {
    return Objects.requireNonNull(chain, "a group belongs to a chain");
  }

  boolean held() {
    return held;
  }

  /// Any thread: `instance` has changed its state.
  void hear(Instance instance) {
    if (!news.offer(instance)) {
      throw new IllegalStateException("instances of " + lead.id() + " said more than they can");
    }
    var listener = chain;
    if (listener != null) {
      listener.wake(); // else it listens when it begins
    }
  }

  /// Any thread: frames that the instances took in and still hold.
  long heldFrames() {
    long held = 0;
    for (var instance : instances) {
      held += instance.stage().heldFrames();
    }
    return held;
  }

  /// Any thread: how the instances and the chain, which says `own` of itself, spend their time.
  Activity.Reading activity(Activity.Reading own) {
    boolean working = own.working();
    long since = own.sinceNanos();
    double busy = 0;
    double blocked = 0;
    int count = 0;
    for (var instance : instances) {
      var reading = instance.activity().read();
      if (reading.working() && !working) {
        working = true;
        since = reading.sinceNanos();
      }
      busy += reading.busy();
      blocked += reading.blocked();
      count++;
    }
    int all = Math.max(1, count);
    return new Activity.Reading(working, since, busy / all, Math.max(own.blocked(), blocked / all));
  }

  /// Listens to what the instances have said.
  void listen() {
    for (var said = news.poll(); said != null; said = news.poll()) {
      switch (said.state()) {
        case FREE -> {
          if (shortHanded) {
            shortHanded = false;
            place.recovered();
          }
          said.freeSince = clock.nanoTime();
          free.addFirst(said);
        }
        case DONE -> {
          if (said.takeBack().kind == Job.Kind.FRAMES) {
            said.freeSince = clock.nanoTime();
          }
          if (said.retired) {
            said.leave();
          } else {
            free.addFirst(said);
          }
        }
        case GONE -> gone(said);
        case OPENING, BUSY -> {}
      }
    }
  }

  /// A free instance, the last to become so, which stays free; null without one.
  @Nullable Instance free() {
    return free.peekFirst();
  }

  /// The free ones, as they are now.
  List<Instance> allFree() {
    return List.copyOf(free);
  }

  void give(Instance instance, Job job) {
    free.remove(instance);
    instance.idled = job.kind != Job.Kind.FRAMES;
    instance.give(job);
  }

  /// Has as many instances as the queue in front of them asks for; `waiting` says that frames wait.
  ///
  /// @return those that are too many: each is to be told that nothing follows, and goes after that
  List<Instance> adapt(double fill, boolean waiting) {
    if (spec.min() == spec.max()) {
      return List.of();
    }
    long now = clock.nanoTime();
    int there = instances.size();
    int wanted = elasticity.wanted(now, there, fill, waiting && free.isEmpty());
    for (int i = there; i < wanted; i++) {
      addBeside();
    }
    long due = elasticity.dueIn(now);
    var tooMany = new ArrayList<Instance>(0);
    for (var instance : free) {
      long left = Elasticity.IDLE_NANOS - (now - instance.freeSince);
      if (instances.size() - retiring() <= spec.min()) {
        break;
      }
      if (left <= 0) {
        instance.retired = true;
        tooMany.add(instance);
      } else {
        due = Math.min(due, left);
      }
    }
    lookAgainIn(now, due);
    return tooMany;
  }

  /// Whether all stand still, from now until [#goOn].
  boolean halt() {
    held = true;
    for (var instance : instances) {
      if (instance.working()) {
        return false;
      }
    }
    return true;
  }

  void goOn() {
    if (held) {
      held = false;
      stir();
    }
  }

  /// Any thread.
  void stir() {
    instances.forEach(Instance::wake);
  }

  /// Has all instances close.
  ///
  /// @return whether all have
  boolean end() {
    if (!leaving) {
      leaving = true;
      if (timer != null) {
        timer.cancel();
      }
      instances.forEach(Instance::leave);
    }
    listen();
    return instances.isEmpty();
  }

  private Instance add(Node node) {
    var stage = new Stage(lead, node);
    var host = hosts.get();
    var context = contexts.apply(stage.out(), stage::watermarkMicros);
    var instance = new Instance(this, stage, context, host, clock);
    instances.add(instance);
    return instance;
  }

  private void addBeside() {
    try {
      add(lead.freshNode()).openBeside();
    } catch (RuntimeException | LinkageError failure) {
      missing(failure);
    }
  }

  private void gone(Instance instance) {
    free.remove(instance);
    var why = instance.notOpened();
    if (instances.remove(instance) && why != null && !leaving) {
      missing(why);
    }
  }

  private void missing(Throwable why) {
    elasticity.failed(clock.nanoTime());
    shortHanded = true;
    place.trouble(
        "a further instance could not be opened ("
            + DeadLetters.sentence(why)
            + "); the others work on");
  }

  private int retiring() {
    int count = 0;
    for (var instance : instances) {
      count += instance.retired ? 1 : 0;
    }
    return count;
  }

  /// At most one timer, for the earliest look that is due.
  private void lookAgainIn(long nowNanos, long dueIn) {
    if (timer != null && (dueIn == Long.MAX_VALUE || timerNanos - nowNanos > dueIn)) {
      timer.cancel();
      timer = null;
    }
    if (dueIn != Long.MAX_VALUE && (timer == null || timerNanos - nowNanos <= 0)) {
      timerNanos = nowNanos + dueIn;
      timer = clock.after(Duration.ofNanos(Math.max(1, dueIn)), chain()::wake);
    }
  }
}
