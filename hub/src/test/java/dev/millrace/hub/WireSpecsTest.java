package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.spec.ByteSize;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WireSpecsTest {
  @Test
  void whatIsNotConfiguredHasItsDefault() {
    var spec = HubSpec.defaults();
    assertThat(spec.compression())
        .isEqualTo(
            new CompressionSpec(1, 1_024, new ByteSize(64 << 10), 1, new ByteSize(16 << 20)));
    assertThat(spec.encryption())
        .isEqualTo(new EncryptionSpec(true, EncryptionSpec.Derivation.SALTED, Duration.ofHours(1)));
    assertThat(spec.mappings()).isEmpty();
  }
}
