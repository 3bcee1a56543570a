package dev.millrace.signals.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.document.Documents;
import dev.millrace.core.problem.Problems;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelMappingTest {
  private static final double[][] PHYSICAL = {{1, 2}, {10, 20}, {100, 200}};

  @Test
  void routesTakeMeanAndRepeatPhysicalChannels() {
    var mapping =
        new ChannelMapping(
            3,
            List.of(
                route("{\"Direct\": 2}"),
                route("{\"Reorder\": [1, 0]}"),
                route("{\"Merge\": [0, 1, 2]}"),
                route("{\"Duplicate\": 2}")));
    var out = new double[4][2];

    mapping.apply(PHYSICAL, out);

    assertThat(out).isDeepEqualTo(new double[][] {{100, 200}, {10, 20}, {37, 74}, {100, 200}});
  }

  @Test
  void numbersThatDoNotFitAreErrorsThatNameThem() {
    var mapping = new ChannelMapping(2, List.of(new Route.Direct(1)));
    assertThatThrownBy(() -> mapping.apply(PHYSICAL, new double[1][2]))
        .hasMessage("3 physical channels came; the mapping is one of 2");
    assertThatThrownBy(() -> mapping.apply(new double[][] {{1, 2}, {3, 4}}, new double[3][2]))
        .hasMessage("3 channels are wanted; the mapping makes 1");
    assertThatThrownBy(() -> new ChannelMapping(2, List.of(new Route.Merge(List.of(0, 2)))))
        .hasMessage("a route leads to channel 2, but there are 2, counted from 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"Direct\": -1}",
        "{\"Direct\": 1.5}",
        "{\"Direct\": [0]}",
        "{\"Merge\": []}",
        "{\"Merge\": 0}",
        "{\"Other\": 0}",
        "{\"Direct\": 0, \"Merge\": [0]}",
        "[0]",
        "{\"Reorder\": [\"0\"]}"
      })
  void aRouteThatIsNoneIsRefusedInASentence(String json) {
    assertThatThrownBy(() -> route(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(?s).{15,}");
  }

  @FuzzTest
  void anyDocumentIsARouteOrRefused(byte[] document) {
    Documents.parse("fuzz", document, new Problems())
        .ifPresent(
            tree -> {
              try {
                assertThat(Route.of(tree).sources()).isNotEmpty();
              } catch (IllegalArgumentException refused) {
                assertThat(refused.getMessage()).isNotEmpty();
              }
            });
  }

  @Test
  void documentsWithFlippedCharactersAreRoutesOrRefused() {
    var random = new Random(12);
    for (int i = 0; i < 3_000; i++) {
      var bytes = "{\"Reorder\": [1, 0, 2]}".getBytes(StandardCharsets.US_ASCII);
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) (32 + random.nextInt(95));
      }
      anyDocumentIsARouteOrRefused(bytes);
    }
  }

  private static Route route(String json) {
    var problems = new Problems();
    return Route.of(
        Documents.parse("test", json.getBytes(StandardCharsets.UTF_8), problems)
            .orElseThrow(() -> new AssertionError(problems.toString())));
  }
}
