package dev.millrace.core.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.spec.Default;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeTest {
  private static final NodeType<Config> DOUBLE =
      NodeType.transform("Double", "Doubles.", Config.class, config -> pass());
  private static final NodeType<Config> LINES =
      NodeType.source("Lines", "Reads.", Config.class, config -> pass())
          .alsoCalled("FileLines", "lines");
  private static final NodeType<Config> KEEP =
      NodeType.sink("Keep", "Keeps.", Config.class, config -> pass());

  record Config(@Default("1") int factor) {}

  @Test
  void typesAreFoundByNameAndAlias() {
    var catalogue = new NodeCatalogue(List.of(DOUBLE, LINES, KEEP));
    assertThat(catalogue.find("lines")).contains(LINES);
    assertThat(catalogue.find("FileLines")).contains(LINES);
    assertThat(catalogue.find("filelines")).contains(LINES);
    assertThat(catalogue.find("FILELINES")).isEmpty();
    assertThat(catalogue.find("nothing")).isEmpty();
    assertThat(catalogue.types()).hasSize(3);
    assertThat(catalogue.names()).contains("Double", "Lines", "FileLines", "lines", "Keep");
  }

  @Test
  void twoTypesOfOneNameAreAProgrammersError() {
    assertThatThrownBy(() -> new NodeCatalogue(List.of(DOUBLE, KEEP.alsoCalled("Double"))))
        .hasMessageContaining("two node types are called Double");
  }

  @Test
  void rolesAndLivenessAreDeclared() {
    assertThat(DOUBLE.role()).isEqualTo(NodeType.Role.TRANSFORM);
    assertThat(KEEP.role()).isEqualTo(NodeType.Role.SINK);
    assertThat(LINES.live()).isFalse();
    assertThat(LINES.asLive().live()).isTrue();
    assertThat(LINES.asLive().aliases()).isEqualTo(LINES.aliases());
    assertThat(LINES.spec().defaults()).isEqualTo(new Config(1));
  }

  @Test
  void aProcessorThatOnlyPassesFramesOnNeedsNothingElse() throws Exception {
    Processor node = pass();
    node.batchEnd(SourcePosition.exact("a", 1), frame -> {});
    node.idle(frame -> {});
    node.finish(frame -> {});
    node.close();
    assertThat(node.ready()).isTrue();
    assertThat(node.execution()).isEqualTo(Execution.INLINE);
  }

  @Test
  void positionsSayWhetherTheyRepeat() {
    assertThat(SourcePosition.exact("file", 7).repeats()).isFalse();
    assertThat(SourcePosition.repeating("firehose", 7).repeats()).isTrue();
    assertThat(Progress.at(5)).isEqualTo(new Progress.At(5));
    assertThat(List.of(Progress.MORE, Progress.AWAIT, Progress.DONE)).doesNotHaveDuplicates();
  }

  private static Processor pass() {
    return (frame, outlet) -> outlet.emit(frame);
  }
}
