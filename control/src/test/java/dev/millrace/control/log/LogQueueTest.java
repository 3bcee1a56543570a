package dev.millrace.control.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

class LogQueueTest {
  /// Beside a model that is a list and the three rules, as they stand in the documentation.
  @Test
  void whatGetsInIsWhatTheRulesSay() {
    for (long seed = 1; seed <= 60; seed++) {
      var random = new Random(seed);
      int capacity = 16 + random.nextInt(100);
      var queue = new LogQueue(capacity);
      var waiting = new ArrayDeque<LogRecord>();
      int taken = 0;
      long takenChars = 0;
      int sampled = 0;
      for (int step = 0; step < 2_000; step++) {
        if (random.nextInt(100) < 70) {
          var level = List.of(Level.values()).get(random.nextInt(5));
          int used = waiting.size() + taken;
          boolean expected =
              switch (level) {
                case TRACE, DEBUG -> used * 4 < capacity * 3;
                case INFO -> used < capacity && (used * 10 < capacity * 9 || sampled++ % 10 == 0);
                case WARN, ERROR -> used < capacity;
              };
          assertThat(queue.admits(level)).as("seed %d, step %d", seed, step).isEqualTo(expected);
          if (expected) {
            var record = record(level, step);
            assertThat(queue.offer(record)).isTrue();
            waiting.add(record);
          }
        } else if (random.nextInt(3) > 0) {
          var record = queue.take();
          assertThat(record).as("seed %d, step %d", seed, step).isSameAs(waiting.poll());
          if (record != null) {
            taken++;
            takenChars += record.weight();
          }
        } else {
          queue.release(taken, takenChars);
          taken = 0;
          takenChars = 0;
        }
        assertThat(queue.waiting()).isEqualTo(waiting.size() + taken);
        assertThat(queue.isEmpty()).isEqualTo(waiting.isEmpty());
      }
    }
  }

  @Test
  void manyThreadsNeverOverfillItAndNothingThatGotInIsLost() throws Exception {
    var queue = new LogQueue(64);
    var accepted = new AtomicLong();
    var threads = new ArrayList<Thread>();
    for (int t = 0; t < 4; t++) {
      int first = t * 100_000;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 100_000; i++) {
                      if (queue.admits(Level.ERROR)
                          && queue.offer(record(Level.ERROR, first + i))) {
                        accepted.incrementAndGet();
                      }
                    }
                  }));
    }
    var seen = new HashSet<String>();
    while (threads.stream().anyMatch(Thread::isAlive) || !queue.isEmpty()) {
      int taken = 0;
      long chars = 0;
      for (var record = queue.take(); record != null; record = queue.take()) {
        assertThat(seen.add(record.message().text())).isTrue();
        taken++;
        chars += record.weight();
        if (taken >= 64) {
          break;
        }
      }
      assertThat(taken).isLessThanOrEqualTo(64);
      queue.release(taken, chars);
    }
    for (var thread : threads) {
      thread.join();
    }
    assertThat((long) seen.size()).isEqualTo(accepted.get());
    assertThat(queue.waiting()).isZero();
  }

  private static LogRecord record(Level level, int number) {
    return Records.of(level, "record " + number);
  }
}
