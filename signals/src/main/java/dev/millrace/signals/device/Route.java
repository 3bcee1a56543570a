package dev.millrace.signals.device;

import dev.millrace.core.document.Tree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where the samples of one channel of a frame come from, by numbers of physical channels. In a
/// document a mapping with one key: `{"Direct": 0}`, `{"Reorder": [1, 0]}`, `{"Merge": [0, 1]}`,
/// `{"Duplicate": 0}`.
public sealed interface Route {

  /// A physical channel as it is.
  record Direct(int channel) implements Route {}

  /// The first of these.
  record Reorder(List<Integer> channels) implements Route {
    public Reorder {
      channels = atLeastOne("Reorder", channels);
    }
  }

  /// The mean of these.
  record Merge(List<Integer> channels) implements Route {
    public Merge {
      channels = atLeastOne("Merge", channels);
    }
  }

  /// A physical channel that another route uses as well.
  record Duplicate(int channel) implements Route {}

  /// The physical channels whose mean this is.
  default List<Integer> sources() {
    return switch (this) {
      case Direct(var channel) -> List.of(channel);
      case Reorder(var channels) -> List.of(channels.getFirst());
      case Merge(var channels) -> channels;
      case Duplicate(var channel) -> List.of(channel);
    };
  }

  /// Reads one route.
  ///
  /// @throws IllegalArgumentException saying what is wrong with it
  static Route of(Tree tree) {
    if (tree instanceof Tree.Mapping(var at, var entries, var keys) && entries.size() == 1) {
      var kind = entries.firstEntry().getKey();
      var value = entries.firstEntry().getValue();
      switch (kind) {
        case "Direct" -> {
          return new Direct(channel(kind, value));
        }
        case "Duplicate" -> {
          return new Duplicate(channel(kind, value));
        }
        case "Reorder" -> {
          return new Reorder(channels(kind, value));
        }
        case "Merge" -> {
          return new Merge(channels(kind, value));
        }
        default -> {}
      }
    }
    throw new IllegalArgumentException(
        "a route is a mapping with one of the keys Direct, Reorder, Merge or Duplicate, not "
            + tree.describe());
  }

  private static List<Integer> channels(String kind, Tree tree) {
    if (!(tree instanceof Tree.Sequence sequence)) {
      throw new IllegalArgumentException(
          kind + " wants a list of channel numbers, not " + tree.describe());
    }
    var channels = new ArrayList<Integer>();
    sequence.items().forEach(item -> channels.add(channel(kind, item)));
    return channels;
  }

  private static int channel(String kind, Tree tree) {
    var number = tree instanceof Tree.Scalar scalar ? wholeNumber(scalar.value()) : null;
    if (number == null) {
      throw new IllegalArgumentException(
          kind + " wants the number of a channel, not " + tree.describe());
    }
    return number;
  }

  private static @Nullable Integer wholeNumber(@Nullable Object value) {
    return value instanceof Number number
            && number.doubleValue() == Math.rint(number.doubleValue())
            && number.doubleValue() >= 0
            && number.doubleValue() <= Integer.MAX_VALUE
        ? number.intValue()
        : null;
  }

  private static List<Integer> atLeastOne(String kind, List<Integer> channels) {
    if (channels.isEmpty()) {
      throw new IllegalArgumentException(kind + " names no channel");
    }
    return List.copyOf(channels);
  }
}
