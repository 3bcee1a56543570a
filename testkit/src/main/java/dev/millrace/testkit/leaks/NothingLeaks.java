package dev.millrace.testkit.leaks;

import io.netty.util.LeakPresenceDetector;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// After each class of tests every buffer that was allocated in it must have been released, or be
/// so soon: a thread that has just been told to end may be at its last one. With
/// `-Dio.netty.util.LeakPresenceDetector.trackCreationStack=true` it says where they came from.
///
/// JUnit finds it by itself. It asks for classes that run one after the other, and does nothing
/// where Netty has another detector than [CountingDetector].
public final class NothingLeaks implements AfterAllCallback {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final ResourceLeakDetector<Object> DETECTOR =
      ResourceLeakDetectorFactory.instance().newResourceLeakDetector(Object.class);

  @Override
  public void afterAll(ExtensionContext context) {
    if (DETECTOR instanceof CountingDetector<?>) {
      check(PATIENCE);
    }
  }

  static void check(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (CountingDetector.isSomethingOpen() && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    LeakPresenceDetector.check();
  }
}
