package dev.millrace.control.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.control.audit.AuditSpec;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.control.command.CommandResult.Done;
import dev.millrace.control.command.CommandResult.Failed;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.SystemClock;
import dev.millrace.core.trace.Correlation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class CommandDeskTest {
  private static final String SECRET = "a-secret-of-the-configuration";

  private final SystemClock clock = new SystemClock();
  private final Metrics metrics = new Metrics();
  private final SignalBus signals = new SignalBus(1_000, clock, metrics);
  private final List<ServerControl> announced = new CopyOnWriteArrayList<>();
  private final List<Command> commands = new ArrayList<>();
  private @Nullable AuditTrail audit;

  @TempDir @Nullable Path folder;

  @BeforeEach
  void open() {
    audit =
        new AuditTrail(Objects.requireNonNull(folder), AuditSpec.DEFAULT, () -> 1, clock, metrics)
            .start();
    var _ =
        signals.subscribe(
            "test", ServerControl.class, announced::add, Duration.ofHours(1), () -> {});
    for (var role : Role.values()) {
      command(role.label(), role, call -> done());
    }
  }

  @AfterEach
  void stop() {
    audit().close();
    signals.close();
    clock.close();
  }

  private AuditTrail audit() {
    return Objects.requireNonNull(audit);
  }

  private void command(String name, Role role, Command.Handler handler) {
    commands.add(new Command(name, role, Route.Docs.of(name), handler));
  }

  private CommandDesk desk(Duration deadline) {
    return new CommandDesk(
        commands, audit(), signals, deadline, text -> text.replace(SECRET, "***"), clock, metrics);
  }

  private CommandDesk desk() {
    return desk(Duration.ofSeconds(20));
  }

  private static Done done() {
    return Done.of(true, Json.mapper().createObjectNode());
  }

  private static CommandCall call(String name, @Nullable Role role, String target) {
    var arguments = Json.mapper().createObjectNode().put("pipeline", target).put("key", "canary");
    var caller = new Principal("ops", Principal.Kind.TOKEN, role);
    return new CommandCall(
        name, arguments, caller, CommandCall.Origin.REST, "request-1", "192.0.2.7");
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain until " + what).isLessThan(deadline);
      LockSupport.parkNanos(200_000);
    }
  }

  @Test
  void aSecretGivenByMistakeIsNeitherAnsweredNorKeptNorAnnounced() throws Exception {
    command(
        "quote",
        Role.VIEWER,
        call -> CommandResult.Failed.of(404, "UNKNOWN", "there is no " + call.target()));
    command("echo", Role.VIEWER, call -> new Done(true, call.arguments()));
    for (var name : List.of("quote", "echo", SECRET)) {
      assertThat(desk().execute(call(name, Role.ADMIN, SECRET)).toString()).doesNotContain(SECRET);
    }
    await("all are announced", () -> announced.size() == 3);
    assertThat(announced.toString()).doesNotContain(SECRET);
    assertThat(audit().newest(10)).hasSize(3);
    assertThat(audit().newest(10).toString()).doesNotContain(SECRET).contains("***");
  }

  @ParameterizedTest
  @CsvSource({
    "viewer, viewer, true",
    "viewer, publisher, true",
    "viewer, admin, true",
    "publisher, viewer, false",
    "publisher, publisher, true",
    "operator, publisher, false",
    "operator, operator, true",
    "operator, admin, true",
    "admin, operator, false",
    "admin, admin, true",
    "viewer, none, false",
    "admin, none, false",
  })
  void aCommandNeedsItsRole(String command, String role, boolean allowed) throws Exception {
    var caller = role.equals("none") ? null : Role.valueOf(role.toUpperCase(java.util.Locale.ROOT));
    var result = desk().execute(call(command, caller, "labels"));
    if (allowed) {
      assertThat(result).isInstanceOf(Done.class);
    } else {
      assertThat(result)
          .isInstanceOfSatisfying(
              Failed.class,
              failed -> {
                assertThat(failed.status()).isEqualTo(403);
                assertThat(failed.code()).isEqualTo("FORBIDDEN");
                assertThat(failed.message()).contains("needs the role " + command);
                assertThat(failed.details().path("role").asString()).isEqualTo(command);
              });
    }
    var entry = audit().newest(1).getFirst();
    assertThat(entry.path("ok").asBoolean()).isEqualTo(allowed);
    assertThat(entry.path("command").asString()).isEqualTo(command);
  }

  @Test
  void whatBringsDataInIsCountedAndRecordedOnlyWhereItIsForbidden() throws Exception {
    var first = new CountDownLatch(1);
    Command.Handler handler =
        call -> {
          if (String.valueOf(call.target()).equals("waits")) {
            first.await();
          }
          return call.target() == null
              ? Failed.of(429, "QUEUE_FULL", "no room")
              : new Done(true, call.arguments());
        };
    commands.add(new Command("feed", Role.OPERATOR, Route.Docs.of("feed"), handler, true));
    var desk = desk();
    var waiting = CompletableFuture.supplyAsync(() -> executed(desk, "waits"));
    for (int i = 0; i < 50; i++) {
      assertThat(desk.execute(call("feed", Role.OPERATOR, SECRET)).toString())
          .doesNotContain(SECRET);
    }
    first.countDown();
    assertThat(waiting.get()).isInstanceOf(Done.class);
    assertThat(metrics.count(CommandMetric.COMMANDS, "feed", "done")).isEqualTo(51);
    assertThat(audit().newest(10)).isEmpty();
    assertThat(desk.execute(call("feed", Role.VIEWER, "labels"))).isInstanceOf(Failed.class);
    assertThat(audit().newest(10)).hasSize(1);
    desk.stop();
    assertThat(desk.execute(call("feed", Role.OPERATOR, "labels"))).isInstanceOf(Failed.class);
    assertThat(audit().newest(10)).hasSize(1);
  }

  private static CommandResult executed(CommandDesk desk, String target) {
    try {
      return desk.execute(call("feed", Role.OPERATOR, target));
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }

  @Test
  void whatACommandCameToStandsInItsEntryAndNotInItsAnswer() throws Exception {
    var outcome = Json.mapper().createObjectNode().put("kept", SECRET + "3");
    command(
        "alters", Role.ADMIN, call -> new Done(true, Json.mapper().createObjectNode(), outcome));
    assertThat(desk().execute(call("alters", Role.ADMIN, "labels"))).isInstanceOf(Done.class);
    assertThat(desk().execute(call("admin", Role.ADMIN, "labels"))).isInstanceOf(Done.class);
    assertThat(audit().newest(2).get(1).path("outcome").toString())
        .isEqualTo("{\"kept\":\"***3\"}");
    assertThat(audit().newest(2).get(0).has("outcome")).isFalse();
  }

  @Test
  void everyCommandIsRecordedAndAnnouncedWithoutSecrets() throws Exception {
    command("fails", Role.ADMIN, call -> Failed.of(409, "NO", "not now"));
    command(
        "throws",
        Role.ADMIN,
        call -> {
          throw new IllegalStateException("canary");
        });
    var desk = desk();
    assertThat(desk.execute(call("admin", Role.ADMIN, "labels"))).isInstanceOf(Done.class);
    assertThat(desk.execute(call("fails", Role.ADMIN, "labels"))).isInstanceOf(Failed.class);
    assertThat(desk.execute(call("throws", Role.ADMIN, "labels")))
        .isEqualTo(Failed.of(500, "INTERNAL", "the command failed; the server's log says why"));
    assertThat(desk.execute(call("amdin", Role.VIEWER, "labels")))
        .isEqualTo(
            Failed.of(404, "UNKNOWN_COMMAND", "there is no such command; did you mean admin?"));
    await("four are announced", () -> announced.size() == 4);
    assertThat(announced)
        .containsExactly(
            new ServerControl("admin", "labels", "rest", true, null, "ops"),
            new ServerControl("fails", "labels", "rest", false, "NO: not now", "ops"),
            new ServerControl(
                "throws",
                "labels",
                "rest",
                false,
                "INTERNAL: the command failed; the server's log says why",
                "ops"),
            new ServerControl(
                "amdin",
                "labels",
                "rest",
                false,
                "UNKNOWN_COMMAND: there is no such command; did you mean admin?",
                "ops"));
    assertThat(audit().newest(10)).hasSize(4);
    assertThat(audit().newest(10).toString())
        .doesNotContain("canary")
        .contains("\"address\":\"192.0.2.7\"", "\"request_id\":\"request-1\"");
    assertThat(metrics.count(CommandMetric.COMMANDS, "unknown", "refused")).isEqualTo(1);
    assertThat(metrics.count(CommandMetric.COMMANDS, "throws", "failed")).isEqualTo(1);
  }

  @Test
  void commandsCarryTheIdOfTheirRequest() throws Exception {
    var ids = new CopyOnWriteArrayList<String>();
    command(
        "id",
        Role.ADMIN,
        call -> {
          ids.add(String.valueOf(Correlation.id()));
          return done();
        });
    assertThat(desk().execute(call("id", Role.ADMIN, "x"))).isInstanceOf(Done.class);
    assertThat(ids).containsExactly("request-1");
  }

  @Test
  void aProcessThatStopsTakesNoCommands() throws Exception {
    var desk = desk();
    desk.stop();
    assertThat(desk.execute(call("admin", Role.ADMIN, "x")))
        .isEqualTo(Failed.of(503, "SHUTTING_DOWN", "the process is stopping"));
    assertThat(audit().newest(1).getFirst().path("error").asString()).startsWith("SHUTTING_DOWN");
  }

  @Test
  void whatTakesLongGoesOnAndIsRecordedTwice() throws Exception {
    var go = new CountDownLatch(1);
    command(
        "slow",
        Role.ADMIN,
        call -> {
          go.await();
          return done();
        });
    var result = desk(Duration.ofMillis(50)).execute(call("slow", Role.ADMIN, "x"));
    assertThat(((Failed) result).status()).isEqualTo(504);
    assertThat(audit().newest(1).getFirst().path("error").asString()).startsWith("TIMEOUT");
    go.countDown();
    await("the outcome is recorded", () -> audit().newest(10).size() == 2);
    assertThat(audit().newest(1).getFirst().path("ok").asBoolean()).isTrue();
  }

  @Test
  void aCallerWhoGoesAwayStopsNothing() throws Exception {
    var begun = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    command(
        "slow",
        Role.ADMIN,
        call -> {
          begun.countDown();
          go.await();
          return done();
        });
    var desk = desk();
    var caller =
        Thread.ofVirtual()
            .start(
                () ->
                    assertThatThrownBy(() -> desk.execute(call("slow", Role.ADMIN, "x")))
                        .isInstanceOf(InterruptedException.class));
    begun.await();
    caller.interrupt();
    caller.join();
    go.countDown();
    await("the outcome is recorded", () -> audit().newest(1).size() == 1);
    assertThat(audit().newest(1).getFirst().path("ok").asBoolean()).isTrue();
  }

  @Test
  void theSameCommandForTheSameTargetTakesTurnsAndOthersDoNot() throws Exception {
    var go = new CountDownLatch(1);
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    command(
        "turn",
        Role.ADMIN,
        call -> {
          if ("held".equals(call.target())) {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            go.await();
            running.decrementAndGet();
          }
          return done();
        });
    var desk = desk();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var held = new ArrayList<Future<CommandResult>>();
      for (int i = 0; i < 20; i++) {
        held.add(callers.submit(() -> desk.execute(call("turn", Role.ADMIN, "held"))));
      }
      await("one is running", () -> running.get() == 1);
      assertThat(desk.execute(call("turn", Role.ADMIN, "free"))).isInstanceOf(Done.class);
      go.countDown();
      for (var one : held) {
        assertThat(one.get()).isInstanceOf(Done.class);
      }
    }
    assertThat(most).hasValue(1);
    assertThat(audit().newest(100)).hasSize(21);
  }

  @Test
  void whoseTurnDoesNotComeIsToldBeforeAnythingBegins() throws Exception {
    var go = new CountDownLatch(1);
    var runs = new AtomicInteger();
    command(
        "turn",
        Role.ADMIN,
        call -> {
          runs.incrementAndGet();
          go.await();
          return done();
        });
    var desk = desk(Duration.ofMillis(400));
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = callers.submit(() -> desk.execute(call("turn", Role.ADMIN, "x")));
      await("the first runs", () -> runs.get() == 1);
      var second = (Failed) desk.execute(call("turn", Role.ADMIN, "x"));
      assertThat(second.code()).isEqualTo("BUSY");
      go.countDown();
      assertThat(first.get()).isNotNull();
    }
    assertThat(runs).hasValue(1);
  }

  @Test
  void noMoreThanSoManyAreTakenAtOnce() throws Exception {
    var go = new CountDownLatch(1);
    command(
        "many",
        Role.ADMIN,
        call -> {
          go.await();
          return done();
        });
    var desk = desk();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var all = new ArrayList<Callable<CommandResult>>();
      for (int i = 0; i < 200; i++) {
        var target = "t" + i;
        all.add(() -> desk.execute(call("many", Role.ADMIN, target)));
      }
      var results = all.stream().map(callers::submit).toList();
      await("the surplus is refused", () -> audit().newest(1_000).size() == 72);
      go.countDown();
      int done = 0;
      for (var result : results) {
        done += result.get() instanceof Done ? 1 : 0;
      }
      assertThat(done).isEqualTo(128);
    }
  }

  @Test
  void namesAreTakenOnce() {
    command("admin", Role.ADMIN, call -> done());
    assertThatThrownBy(this::desk).hasMessageContaining("two commands are called admin");
  }
}
