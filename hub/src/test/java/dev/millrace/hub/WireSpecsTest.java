package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WireSpecsTest {
  @Test
  void whatIsNotConfiguredHasItsDefault() {
    var spec = HubSpec.defaults();
    assertThat(spec.compression()).isEqualTo(new CompressionSpec(1, 1_024));
    assertThat(spec.encryption())
        .isEqualTo(new EncryptionSpec(true, EncryptionSpec.Derivation.SALTED, Duration.ofHours(1)));
    assertThat(spec.mappings()).isEmpty();
  }
}
