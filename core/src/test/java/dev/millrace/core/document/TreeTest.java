package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TreeTest {

  @Test
  void treesDescribeThemselvesForMessages() {
    var root =
        Read.mapping("m: {}\nl: []\nt: hi\nn: 1\nb: true\nz: ~\nlong: " + "x".repeat(100) + "\n");
    assertThat(root.entries().values())
        .extracting(Tree::describe)
        .containsExactly(
            "a mapping",
            "a list",
            "the text \"hi\"",
            "the number 1",
            "the boolean true",
            "nothing",
            "the text \"" + "x".repeat(39) + "…\"");
  }

  @Test
  void settingAKeyKeepsTheOrder() {
    var root = Read.mapping("a: 1\nb: 2\n");
    var changed = root.with("a", Tree.Scalar.loose(root.location(), "3"));
    assertThat(changed.entries().keySet()).containsExactly("a", "b");
    assertThat(changed.get("a")).isNotEqualTo(root.get("a"));
    assertThat(changed.get("none")).isNull();
  }
}
