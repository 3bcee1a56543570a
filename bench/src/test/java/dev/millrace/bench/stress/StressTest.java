package dev.millrace.bench.stress;

import dev.millrace.testkit.stress.Jcstress;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Looks for outcomes that the engine's hand-made concurrent structures must never show. Takes
/// minutes, so it runs with the long suites only.
@Tag("slow")
class StressTest {
  @TempDir private Path folder;

  @Test
  void noForbiddenOutcomeIsSeen() throws IOException, InterruptedException {
    Jcstress.assertNoForbiddenOutcome("dev.millrace.bench.stress", folder);
  }
}
