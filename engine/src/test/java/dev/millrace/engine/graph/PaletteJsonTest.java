package dev.millrace.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class PaletteJsonTest {
  @Test
  void aTypeHasPortsAndTypedParameters() {
    var gain = type("gain");

    assertThat(gain.at("/name").asString()).isEqualTo("Gain");
    assertThat(gain.at("/category").asString()).isEqualTo("Processors");
    assertThat(gain.at("/inputs").toString())
        .isEqualTo("[{\"id\":\"in\",\"name\":\"Input\",\"data_type\":\"audio_frame\"}]");
    assertThat(gain.at("/outputs/0/data_type").asString()).isEqualTo("audio_frame");
    assertThat(gain.at("/parameters/1").toString())
        .isEqualTo(
            "{\"name\":\"gain_db\",\"type\":\"number\",\"description\":\"\",\"required\":false,"
                + "\"default\":0.0,\"min\":0,\"max\":80}");
    assertThat(gain.at("/parameters/0").has("min")).isFalse();
  }

  @Test
  void enumsHaveTheirValuesAndRangesTheirBounds() {
    assertThat(type("fftnode").at("/parameters/0").toString())
        .contains("\"type\":\"enum\"", "\"default\":\"hann\"", "[\"hann\",\"hamming\"]");
    assertThat(type("sinegenerator").at("/parameters/1/min").asInt()).isEqualTo(1);
    assertThat(type("sinegenerator").at("/inputs/0/data_type").asString()).isEqualTo("trigger");
    assertThat(type("count").at("/inputs")).isEmpty();
    assertThat(type("keep").at("/outputs")).isEmpty();
    assertThat(type("merge").at("/category").asString()).isEqualTo("Control");
  }

  private static JsonNode type(String id) {
    for (var type : PaletteJson.of(Types.CATALOGUE)) {
      if (type.at("/id").asString().equals(id)) {
        return type;
      }
    }
    throw new AssertionError("no " + id);
  }
}
