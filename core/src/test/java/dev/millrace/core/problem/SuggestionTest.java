package dev.millrace.core.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> KNOWN =
      List.of("capacity", "overflow", "write_timeout", "port", "host");

  @ParameterizedTest
  @CsvSource({
    "capcity, capacity",
    "capacitty, capacity",
    "cpaacity, capacity",
    "CAPACITY, capacity",
    "overlfow, overflow",
    "writetimeout, write_timeout",
    "prot, port",
    "hots, host",
    "pot, port"
  })
  void aSlipOfTheFingerIsRecognised(String given, String meant) {
    assertThat(Suggestion.closest(given, KNOWN)).contains(meant);
  }

  @Test
  void whatIsFarFromEverythingIsNotGuessed() {
    assertThat(Suggestion.closest("zebra", KNOWN)).isEmpty();
    assertThat(Suggestion.closest("x", KNOWN)).isEmpty();
    assertThat(Suggestion.closest("", KNOWN)).isEmpty();
    assertThat(Suggestion.closest("port", List.of())).isEmpty();
    assertThat(Suggestion.closest("p".repeat(1_000_000), KNOWN)).isEmpty();
  }
}
