package dev.millrace.control.command;

import dev.millrace.control.audit.AuditEvent;
import dev.millrace.control.audit.AuditTrail;
import dev.millrace.control.audit.Masking;
import dev.millrace.control.command.CommandResult.Done;
import dev.millrace.control.command.CommandResult.Failed;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.problem.Suggestion;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.Clock;
import dev.millrace.core.trace.Correlation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out commands, whoever gives them. Every one, also one that is refused, is in the audit
/// trail before its answer, in the log, and announced as [ServerControl]; one that brings data in
/// only where the caller may not give it.
///
/// A command runs on a virtual thread of its own, so that a caller who goes away does not stop it
/// half way. Commands of one name about the same target take turns; others run beside one another.
/// A caller hears `TIMEOUT` at the deadline at the latest; the command goes on, and what becomes of
/// it is recorded then.
///
/// Safe from any thread.
public final class CommandDesk {
  private static final Logger log = LoggerFactory.getLogger(CommandDesk.class);

  // Commands at the same time, waiting ones included; a console sends a hundred at most.
  private static final int MOST_IN_FLIGHT = 128;

  private final Map<String, Command> commands = new LinkedHashMap<>();
  private final AuditTrail audit;
  private final SignalBus signals;
  private final Clock clock;
  private final Metrics metrics;
  private final Duration deadline;
  private final Veil veil;
  private final Turns turns = new Turns();
  private final AtomicInteger inFlight = new AtomicInteger(); // callers add, commands take away
  private volatile boolean stopping; // set once, when the process stops

  /// `deadline` is how long a caller waits; below the time a request may take, so that the answer
  /// is ours. `mask` takes known secrets out of a text, as the log does.
  ///
  /// @throws IllegalArgumentException if two commands have the same name
  public CommandDesk(
      List<Command> commands,
      AuditTrail audit,
      SignalBus signals,
      Duration deadline,
      UnaryOperator<String> mask,
      Clock clock,
      Metrics metrics) {
    for (var command : commands) {
      if (this.commands.put(command.name(), command) != null) {
        throw new IllegalArgumentException("two commands are called " + command.name());
      }
    }
    this.audit = audit;
    this.signals = signals;
    this.deadline = deadline;
    this.veil = new Veil(mask);
    this.clock = clock;
    this.metrics = metrics;
    metrics.gauge(CommandMetric.IN_FLIGHT, inFlight::get);
  }

  public List<Command> commands() {
    return List.copyOf(commands.values());
  }

  /// Refuses every command from now on; those being carried out go on.
  public void stop() {
    stopping = true;
  }

  /// Checks the caller's role, runs the command, and records and announces what became of it.
  ///
  /// @throws InterruptedException if the caller is interrupted; the command goes on and is recorded
  public CommandResult execute(CommandCall call) throws InterruptedException {
    long started = clock.nanoTime();
    var command = commands.get(call.name());
    if (command == null) {
      return settled(call, unknown(call.name()), started);
    }
    var refusal = refusal(call, command);
    if (refusal != null) {
      return refusal.status() == 403
          ? settled(call, refusal, started)
          : over(command, call, refusal, started);
    }
    if (inFlight.incrementAndGet() > MOST_IN_FLIGHT) {
      inFlight.decrementAndGet();
      var busy =
          Failed.of(
              503, "TOO_MANY_COMMANDS", MOST_IN_FLIGHT + " commands are under way; try again");
      return over(command, call, busy, started);
    }
    var outcome = new CompletableFuture<CommandResult>();
    Thread.ofVirtual()
        .name("millrace-command-" + command.name())
        .start(() -> run(command, call, started, outcome));
    return await(command, call, started, outcome);
  }

  private CommandResult await(
      Command command, CommandCall call, long started, CompletableFuture<CommandResult> outcome)
      throws InterruptedException {
    var late =
        Failed.of(
            504,
            "TIMEOUT",
            "the command is not through after "
                + deadline.toMillis() / 1e3
                + " s and goes on; GET /api/v1/audit will say what became of it");
    var timer = clock.after(deadline, () -> outcome.complete(late));
    try {
      var result = outcome.get();
      return result.equals(late) ? over(command, call, late, started) : result;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("carrying out a command does not fail", impossible);
    } finally {
      timer.cancel();
    }
  }

  private void run(
      Command command, CommandCall call, long started, CompletableFuture<CommandResult> outcome) {
    try {
      Correlation.run(
          call.requestId(),
          () -> outcome.complete(over(command, call, inTurn(command, call), started)));
    } catch (RuntimeException defect) {
      log.error("What became of the command {} could not be recorded", call.name(), defect);
      outcome.complete(Failed.of(500, "INTERNAL", "the command failed; the server's log says why"));
    } finally {
      inFlight.decrementAndGet();
    }
  }

  private CommandResult inTurn(Command command, CommandCall call) {
    var key = call.name() + '\0' + call.target();
    try {
      // Half of the caller's time, so that what is refused for this has not begun.
      if (!command.data() && !turns.acquire(key, deadline.dividedBy(2))) {
        return Failed.of(
            409, "BUSY", "the same command is being carried out; try again when it is through");
      }
      try {
        return command.handler().run(call);
      } finally {
        if (!command.data()) {
          turns.release(key);
        }
      }
    } catch (Throwable defect) {
      if (defect instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      log.atError()
          .addKeyValue("event", "command_failed")
          .addKeyValue("command", call.name())
          .setCause(defect)
          .log("The command {} failed", call.name());
      return Failed.of(500, "INTERNAL", "the command failed; the server's log says why");
    }
  }

  private @Nullable Failed refusal(CommandCall call, Command command) {
    if (!call.caller().may(command.role())) {
      var details = Json.mapper().createObjectNode().put("role", command.role().label());
      return new Failed(
          403,
          "FORBIDDEN",
          "the command "
              + command.name()
              + " needs the role "
              + command.role().label()
              + "; the caller has "
              + roleOf(call, "none"),
          details);
    }
    return stopping ? Failed.of(503, "SHUTTING_DOWN", "the process is stopping") : null;
  }

  private Failed unknown(String name) {
    var close = Suggestion.closest(name, commands.keySet());
    return Failed.of(
        404,
        "UNKNOWN_COMMAND",
        "there is no such command; "
            + close
                .map(one -> "did you mean " + one + "?")
                .orElse("known commands: " + String.join(", ", commands.keySet())));
  }

  /// What became of a command that exists and that the caller may give.
  private CommandResult over(
      Command command, CommandCall call, CommandResult result, long started) {
    if (!command.data()) {
      return settled(call, result, started);
    }
    count(command.name(), result, started);
    return veil.over(result);
  }

  private void count(String command, CommandResult result, long started) {
    metrics.counter(CommandMetric.COMMANDS, command, outcome(result)).inc();
    metrics.seconds(CommandMetric.SECONDS, command).observe((clock.nanoTime() - started) / 1e9);
  }

  /// Records, logs, counts and announces, and returns `result`.
  private CommandResult settled(CommandCall call, CommandResult unveiled, long started) {
    var result = veil.over(unveiled);
    var arguments = veil.over(call.arguments());
    var error =
        switch (result) {
          case Done _ -> null;
          case Failed(int status, var code, var message, var details) -> code + ": " + message;
        };
    boolean applied = result instanceof Done done && done.applied();
    var outcome = result instanceof Done done ? done.outcome() : Json.mapper().createObjectNode();
    var event =
        new AuditEvent(
            call.origin().label(),
            String.valueOf(veil.over(call.name())),
            veil.over(call.target()),
            arguments,
            error == null,
            applied,
            error,
            call.caller().name(),
            roleOf(call, null),
            call.address(),
            call.requestId(),
            1,
            outcome);
    var _ = audit.record(event); // where it is not on disk the trail says so itself
    count(commands.containsKey(call.name()) ? call.name() : "unknown", result, started);
    log(event, Masking.of(arguments).toString());
    signals.announce(
        new ServerControl(
            event.command(),
            event.target(),
            event.origin(),
            event.ok(),
            event.error(),
            event.actor()));
    return result;
  }

  private static void log(AuditEvent event, String arguments) {
    var line =
        (event.ok() ? log.atInfo() : log.atWarn())
            .addKeyValue("event", "command")
            .addKeyValue("command", event.command())
            .addKeyValue("about", event.target())
            .addKeyValue("arguments", arguments)
            .addKeyValue("origin", event.origin())
            .addKeyValue("actor", event.actor())
            .addKeyValue("address", event.address())
            .addKeyValue("ok", event.ok())
            .addKeyValue("applied", event.applied());
    if (event.ok()) {
      line.log(
          event.applied() ? "Command {} of {} carried out" : "Command {} of {} changed nothing",
          event.command(),
          event.actor());
    } else {
      line.addKeyValue("error", event.error())
          .log("Command {} of {}: {}", event.command(), event.actor(), event.error());
    }
  }

  private static String outcome(CommandResult result) {
    return switch (result) {
      case Done done -> "done";
      case Failed(int status, var code, var message, var details) ->
          status == 504 ? "late" : status == 500 ? "failed" : "refused";
    };
  }

  private static @Nullable String roleOf(CommandCall call, @Nullable String otherwise) {
    var role = call.caller().role();
    return role == null ? otherwise : role.label();
  }
}
