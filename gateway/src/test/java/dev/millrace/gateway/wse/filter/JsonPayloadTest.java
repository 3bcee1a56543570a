package dev.millrace.gateway.wse.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gateway.wse.codec.WireFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonPayloadTest {
  private final JsonPayload view = new JsonPayload();

  private @Nullable String at(String path) {
    var value = view.at(FieldPath.of(path));
    return value == null ? null : value.toString();
  }

  @Test
  void thePayloadOfAnEnvelopeIsSeenAndNothingElseOfIt() {
    view.envelope(WireFrame.buffer("U{\"t\":\"x\",\"p\":{\"a\":{\"b\":1}},\"v\":1}"));
    assertThat(at("a.b")).isEqualTo("1");
    assertThat(at("t")).isNull();
    view.envelope(WireFrame.buffer("{\"t\":\"x\",\"id\":{\"p\":2},\"p\":{\"data\":[1]}}"));
    assertThat(at("data")).isEqualTo("[1]");
    assertThat(at("a.b")).isNull();
    view.envelope(WireFrame.buffer("WSE{\"t\":\"x\"}"));
    assertThat(at("a")).isNull();
  }

  @Test
  void oneFrameAfterTheOtherIsSeenWhateverTheirSizes() {
    for (int length : new int[] {10, 2_000, 200_000, 10}) {
      var text = "x".repeat(length);
      view.envelope(WireFrame.buffer("U{\"t\":\"x\",\"p\":{\"a\":\"" + text + "\"}}"));
      assertThat(at("a")).isEqualTo("\"" + text + "\"");
    }
    var bytes = WireFrame.bytes("##{\"a\":null}##");
    view.payload(bytes, 2, bytes.length - 4);
    assertThat(at("a")).isEqualTo("null");
    assertThat(at("b")).isNull();
  }

  @Test
  void aPayloadIsParsedOncePerFrame() {
    var bytes = WireFrame.bytes("{\"a\":{\"b\":1}}");
    view.payload(bytes, 0, bytes.length);
    assertThat(view.at(FieldPath.of("a"))).isSameAs(view.at(FieldPath.of("a")));
  }

  @Test
  void whatIsNoEnvelopeIsAMistakeOfTheCaller() {
    view.envelope(WireFrame.buffer("[]"));
    assertThatThrownBy(() -> at("a")).isInstanceOf(IllegalStateException.class);
    assertThat(FieldPath.of("a.b")).hasToString("a.b");
  }
}
