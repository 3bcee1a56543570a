package dev.millrace.testkit.leaks;

import io.netty.util.LeakPresenceDetector;

/// Counts every buffer that is allocated and not released yet, at once, without waiting for the
/// collector to find some of those that were not. Netty makes it where the system property
/// `io.netty.customResourceLeakDetector` names it. Safe from any thread.
public final class CountingDetector<T> extends LeakPresenceDetector<T> {
  private static final ResourceScope SCOPE = new ResourceScope("a class of tests");

  /// For Netty, which looks for these constructors; nothing is left to a sample.
  public CountingDetector(Class<?> resource, int samplingInterval) {
    super(resource);
  }

  public CountingDetector(Class<?> resource, int samplingInterval, long maxActive) {
    super(resource);
  }

  /// Whether something is still to be released.
  static boolean isSomethingOpen() {
    return SCOPE.hasOpenResources();
  }

  @Override
  protected ResourceScope currentScope() {
    return SCOPE;
  }
}
