package dev.millrace.core.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class FrameTest {

  @Test
  void bytesGoOutAsTheyCameIn() {
    var bytes = " {\"a\" : 1e0}\n".getBytes(StandardCharsets.UTF_8);
    var body = (Body.JsonBytes) Frame.json(1, 2, bytes).body();
    assertThat(body.bytes()).isSameAs(bytes);
    assertThat(body.tree().get("a").doubleValue()).isEqualTo(1);
    assertThat(body).hasToString(" {\"a\" : 1e0}\n");
    assertThat(body)
        .isEqualTo(new Body.JsonBytes(bytes.clone()))
        .hasSameHashCodeAs(new Body.JsonBytes(bytes.clone()));
    assertThat(body).isNotEqualTo(new Body.Text("{}"));
  }

  @Test
  void aViewIsTakenOnceWhileItIsTheOneAskedFor() {
    var looks = new AtomicInteger();
    JsonView<Integer> length =
        bytes -> {
          looks.incrementAndGet();
          return bytes.length;
        };
    JsonView<Integer> first = bytes -> (int) bytes[0];
    var body = new Body.JsonBytes("[1,2]".getBytes(StandardCharsets.UTF_8));
    assertThat(body.view(length)).isEqualTo(5);
    assertThat(body.view(length)).isEqualTo(5);
    assertThat(looks).hasValue(1);
    assertThat(body.view(first)).isEqualTo('[');
    assertThat(body.view(length)).isEqualTo(5);
    assertThat(looks).hasValue(2);
    assertThat(body.tree()).isSameAs(body.tree());
  }

  @Test
  void brokenBytesFailOnlyWhoLooks() {
    var body = new Body.JsonBytes("{broken".getBytes(StandardCharsets.UTF_8));
    assertThat(body.bytes()).hasSize(7);
    assertThatThrownBy(body::tree).isInstanceOf(JacksonException.class);
  }

  @Test
  void aDerivedFrameKeepsTimeAndSequence() {
    var frame = Frame.json(10, 20, "{}");
    assertThat(frame.withBody(new Body.Text("t")))
        .isEqualTo(new Frame(10, 20, new Body.Text("t"), Metadata.NONE));
    var marked = frame.withMetadata(Metadata.NONE.with("trace", "x"));
    assertThat(marked.body()).isEqualTo(frame.body());
    assertThat(marked.metadata().entries()).isEqualTo(Map.of("trace", "x"));
    assertThat(Frame.trigger(1, 2).body()).isEqualTo(Body.EMPTY);
    assertThat(Samples.of(Map.of()).channels()).isEmpty();
  }

  @Test
  void metadataIsSortedAndReplacedByKey() {
    var metadata = Metadata.NONE.with("b", "1").with("a", "2").with("b", "3");
    assertThat(metadata.entries()).containsExactly(Map.entry("a", "2"), Map.entry("b", "3"));
    assertThat(Metadata.NONE.entries()).isEmpty();
    assertThatThrownBy(() -> metadata.entries().put("c", "4"))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
