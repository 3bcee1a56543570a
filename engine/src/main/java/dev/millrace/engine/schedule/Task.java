package dev.millrace.engine.schedule;

import java.time.Duration;

/// Work that is done in bounded turns by one thread at a time, as [TurnState] has it.
public abstract class Task implements Wakeable {
  /// What a turn ended with.
  public enum Turn {
    /// There is more to do at once.
    AGAIN,
    /// Nothing to do until somebody calls [Task#wake].
    PARK,
    /// Never again.
    END
  }

  private final Host host;
  private final TurnState state = new TurnState();

  protected Task(Host host) {
    this.host = host;
  }

  /// One bounded turn. Exceptions are the task's own affair: none may leave.
  protected abstract Turn turn();

  /// The task has held its thread for `held`, far beyond a turn; `stack` is where it stands. Called
  /// once per turn at most, by the watchdog, while the turn is still on.
  protected abstract void held(Duration held, StackTraceElement[] stack);

  /// Lets the task run from now on, and has it run once.
  public final void launch() {
    state.requeue();
    host.submit(this);
  }

  public final Host host() {
    return host;
  }

  @Override
  public final void wake() {
    if (state.wake()) {
      host.submit(this);
    }
  }

  /// Runs one turn; the caller took the task off its queue.
  ///
  /// @return whether the task is runnable again and must be queued by the caller
  final boolean run() {
    state.begin();
    return switch (turn()) {
      case AGAIN -> {
        state.requeue();
        yield true;
      }
      case PARK -> !state.park();
      case END -> {
        state.end();
        yield false;
      }
    };
  }

  /// Whether a turn is due.
  final boolean queued() {
    return state.isQueued();
  }

  final boolean ended() {
    return state.isEnded();
  }
}
