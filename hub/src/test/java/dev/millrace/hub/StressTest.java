package dev.millrace.hub;

import dev.millrace.testkit.stress.Jcstress;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Looks for outcomes that what several loops share must never show. Takes minutes, so it runs with
/// the long suites only.
@Tag("slow")
class StressTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"Budget", "Chunk", "Due", "Inbox", "Pattern", "Row"})
  void noForbiddenOutcomeIsSeen(String structure) throws IOException, InterruptedException {
    Jcstress.assertNoForbiddenOutcome("dev.millrace.hub." + structure, folder);
  }
}
