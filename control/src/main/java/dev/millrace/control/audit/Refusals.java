package dev.millrace.control.audit;

import dev.millrace.core.json.Json;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.Clock;
import dev.millrace.gateway.event.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Enters into the trail who was turned away at the operators' doors, the routes of commands and
/// the operators' socket, without leaving the trail to whoever knocks without end.
///
/// Of each address the first refusal in ten minutes is entered at once; how many more there were
/// stands in one entry at the end of them, with the last of them as it was. Of addresses beyond
/// [#ADDRESSES] one entry says how many refusals there were. So there are never more than 129
/// entries in ten minutes.
///
/// Told on the loops, and never waits: entries are made on a thread of their own, in order, and
/// those on their way are made before [#close] returns.
public final class Refusals implements Consumer<Refusal>, AutoCloseable {
  static final int ADDRESSES = 64;
  static final Duration INTERVAL = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofSeconds(5); // for a slow disk, when closing
  private static final Set<Surface> DOORS = Set.of(Surface.ADMIN, Surface.NOC);
  private static final String COMMANDS = "/api/v1/admin/";

  private final AuditTrail trail;
  private final Clock.Timer timer;

  // What waits in it is bounded as the entries are.
  private final ExecutorService entering =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("millrace-refusals").factory());

  // Guarded by this.
  private final Map<String, Gathered> byAddress = new LinkedHashMap<>();
  private Gathered others = new Gathered();

  /// Refusals that have no entry yet.
  private static final class Gathered {
    private long count;
    private @Nullable Refusal last;

    private void add(Refusal refusal) {
      count++;
      last = refusal;
    }
  }

  public Refusals(AuditTrail trail, Clock clock) {
    this.trail = trail;
    this.timer = clock.every(INTERVAL, () -> enter(this::enterGathered));
  }

  @Override
  public void accept(Refusal refusal) {
    if (DOORS.contains(refusal.surface()) && isFirst(refusal)) {
      enter(() -> trail.note(event(refusal, refusal.address(), 1)));
    }
  }

  /// Enters what was gathered.
  @Override
  public void close() {
    timer.cancel();
    enter(this::enterGathered);
    entering.shutdown();
    try {
      var _ = entering.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isFirst(Refusal refusal) {
    var gathered = byAddress.get(refusal.address());
    if (gathered != null) {
      gathered.add(refusal);
      return false;
    }
    if (byAddress.size() == ADDRESSES) {
      others.add(refusal);
      return false;
    }
    byAddress.put(refusal.address(), new Gathered());
    return true;
  }

  private void enterGathered() {
    taken().forEach(trail::note);
  }

  private synchronized List<AuditEvent> taken() {
    var events = new ArrayList<AuditEvent>();
    byAddress.forEach((address, gathered) -> addTo(events, gathered, address));
    addTo(events, others, null);
    byAddress.clear();
    others = new Gathered();
    return events;
  }

  private static void addTo(List<AuditEvent> events, Gathered gathered, @Nullable String address) {
    if (gathered.last != null) {
      events.add(event(gathered.last, address, gathered.count));
    }
  }

  /// `address` is null where there were many.
  private static AuditEvent event(Refusal refusal, @Nullable String address, long count) {
    var caller = refusal.caller();
    var role = caller == null ? null : caller.role();
    return new AuditEvent(
        refusal.surface() == Surface.NOC ? "noc" : "rest",
        command(refusal),
        null,
        Json.mapper().createObjectNode(),
        false,
        false,
        refusal.code() + ": " + refusal.message(),
        address == null ? "many addresses" : caller == null ? address : caller.name(),
        address == null || role == null ? null : role.label(),
        address,
        count == 1 ? refusal.requestId() : null,
        count,
        Json.mapper().createObjectNode());
  }

  /// A command goes by its name, everything else by method and path.
  private static String command(Refusal refusal) {
    return refusal.method().equals("POST") && refusal.path().startsWith(COMMANDS)
        ? refusal.path().substring(COMMANDS.length())
        : refusal.method() + " " + refusal.path();
  }

  private void enter(Runnable work) {
    try {
      entering.execute(work);
    } catch (RejectedExecutionException closed) {
      work.run(); // whoever comes this late may wait
    }
  }
}
