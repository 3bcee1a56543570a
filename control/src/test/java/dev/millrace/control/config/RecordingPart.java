package dev.millrace.control.config;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import dev.millrace.core.trace.Correlation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A part that says what happened to it, and fails where it is told to.
final class RecordingPart implements ConfigPart<TestConfig> {
  /// Where to fail.
  enum Fault {
    NONE,
    REFUSES,
    DEFECT,
    COMMIT,
    ROLL_BACK
  }

  private final String name;
  private final List<String> journal;
  private final List<TestConfig> configs = new ArrayList<>(); // each `after` that was committed
  volatile Fault fault = Fault.NONE; // written by the test
  volatile CountDownLatch mayPrepare = new CountDownLatch(0); // waited for
  volatile @Nullable String lastCorrelation; // written by the reloader's thread
  private final List<TestConfig> befores = new ArrayList<>();

  RecordingPart(String name, List<String> journal) {
    this.name = name;
    this.journal = journal;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Change prepare(TestConfig before, TestConfig after) throws ProblemException {
    await(mayPrepare);
    if (fault == Fault.REFUSES) {
      journal.add(name + " refuses");
      throw new ProblemException(
          Problem.error("E_REFUSED", Location.of("it.yaml").at(7, 1), name + " refuses", null));
    }
    if (fault == Fault.DEFECT) {
      throw new IllegalStateException("a defect");
    }
    journal.add(name + " prepares");
    return new Change() {
      @Override
      public void commit() {
        journal.add(name + " commits");
        lastCorrelation = Correlation.id();
        befores.add(before);
        configs.add(after);
        if (fault == Fault.COMMIT) {
          throw new IllegalStateException("a defect");
        }
      }

      @Override
      public void rollBack() {
        journal.add(name + " rolls back");
        if (fault == Fault.ROLL_BACK) {
          throw new IllegalStateException("a defect");
        }
      }
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody lets the part prepare");
      }
    } catch (InterruptedException unexpected) {
      throw new AssertionError("nobody interrupts the reloader", unexpected);
    }
  }

  List<TestConfig> befores() {
    return befores;
  }

  List<TestConfig> committed() {
    return configs;
  }
}
