package dev.millrace.hub;

import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// After each class of tests every buffer that was allocated in it must have been released: counted
/// at once, without waiting for the collector to find some of those that were not. With
/// `-Dio.netty.util.LeakPresenceDetector.trackCreationStack=true` it says where they came from.
public final class NothingLeaks implements AfterAllCallback {
  @Override
  public void afterAll(ExtensionContext context) {
    LeakPresenceDetector.check();
  }
}
