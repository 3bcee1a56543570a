package dev.millrace.hub;

import org.junit.jupiter.api.Tag;

/// The same scenarios with one message more.
@Tag("slow")
class MoreInterleavingsTest extends InterleavingsTest {
  @Override
  int more() {
    return 1;
  }
}
