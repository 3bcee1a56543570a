package dev.millrace.engine.schedule;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// When a task must be queued: it is idle, queued, running, or running with another wake-up already
/// noted. So it stands in a run queue at most once, and no wake-up is lost: whoever adds work and
/// then wakes, and whoever finds no work and then parks, cannot miss each other.
///
/// [#wake] is for any thread; the rest is for whoever runs the task.
public final class TurnState {
  private static final int IDLE = 0;
  private static final int QUEUED = 1;
  private static final int RUNNING = 2;
  private static final int RUNNING_AGAIN = 3;
  private static final int ENDED = 4;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(TurnState.class, "state", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  // Written by wakers and by the thread that runs the task. Begins as running, so that wake-ups
  // before the first [#requeue] are noted and nothing runs early.
  private volatile int state = RUNNING;

  /// Notes that there is work.
  ///
  /// @return whether the caller must put the task into its queue
  public boolean wake() {
    // Orders the caller's work before the look at the state: with the fence in begin() either we
    // see
    // that the task is about to park, or it sees the work.
    VarHandle.fullFence();
    while (true) {
      int now = state;
      if (now == IDLE) {
        if (STATE.compareAndSet(this, IDLE, QUEUED)) {
          return true;
        }
      } else if (now != RUNNING || STATE.compareAndSet(this, RUNNING, RUNNING_AGAIN)) {
        return false;
      }
    }
  }

  /// A turn begins; the task was taken from its queue.
  public void begin() {
    state = RUNNING;
    VarHandle.fullFence();
  }

  /// The turn ends and there is more to do: the caller puts the task back into its queue.
  public void requeue() {
    state = QUEUED;
  }

  /// The turn ends for want of work.
  ///
  /// @return false if a wake-up came during the turn, so that the caller puts the task back
  public boolean park() {
    if (STATE.compareAndSet(this, RUNNING, IDLE)) {
      return true;
    }
    state = QUEUED;
    return false;
  }

  /// The task is over; wake-ups mean nothing any more.
  public void end() {
    state = ENDED;
  }

  boolean isQueued() {
    return state == QUEUED;
  }

  boolean isEnded() {
    return state == ENDED;
  }
}
