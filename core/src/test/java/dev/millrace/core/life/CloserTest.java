package dev.millrace.core.life;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloserTest {
  private final List<String> closed = new ArrayList<>();

  @Test
  void theNewestIsClosedFirstAndEachOnce() {
    var closer = new Closer();
    for (var name : List.of("a", "b", "c")) {
      var opened = closer.opened(() -> closed.add(name));
      assertThat(opened).isNotNull();
    }
    closer.close();
    closer.close();
    assertThat(closed).containsExactly("c", "b", "a");
  }

  @Test
  void oneThatFailsDoesNotKeepTheOthersOpen() {
    var closer = new Closer();
    closer.opened(() -> closed.add("first"));
    closer.opened(
        () -> {
          closed.add("failing");
          throw new IllegalStateException("no");
        });
    closer.opened(() -> closed.add("last"));
    closer.close();
    assertThat(closed).containsExactly("last", "failing", "first");
  }

  @Test
  void whatIsOpenedWhileClosingIsClosedToo() {
    var closer = new Closer();
    closer.opened(() -> closer.opened(() -> closed.add("late")));
    closer.close();
    assertThat(closed).containsExactly("late");
  }
}
