package dev.millrace.testkit.leaks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.testkit.Await;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class NothingLeaksTest {
  @Test
  void whatIsStillOpenIsFoundAndCountsOnce() {
    var resource = new Object();
    var tracker = track(resource);
    assertThatThrownBy(() -> NothingLeaks.check(Duration.ZERO))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a class of tests");
    NothingLeaks.check(Duration.ZERO); // the next class is not to blame
    assertThat(tracker.close(resource)).isTrue();
    assertThatThrownBy(() -> NothingLeaks.check(Duration.ZERO))
        .hasMessageContaining("released after all");
    NothingLeaks.check(Duration.ZERO);
  }

  @Test
  void whatAnotherThreadIsJustReleasingIsNoLeak() throws InterruptedException {
    var resource = new Object();
    var tracker = track(resource);
    var checking = Thread.currentThread();
    var releasing =
        Thread.ofPlatform()
            .start(
                () -> {
                  Await.until("it waits", () -> checking.getState() == Thread.State.TIMED_WAITING);
                  tracker.close(resource);
                });
    NothingLeaks.check(Duration.ofSeconds(20));
    releasing.join();
    NothingLeaks.check(Duration.ofSeconds(20));
  }

  private static ResourceLeakTracker<Object> track(Object resource) {
    var detector = ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Object.class);
    var tracker = detector.track(resource);
    assertThat(tracker).as("is the detector named in the pom?").isNotNull();
    return Objects.requireNonNull(tracker);
  }
}
