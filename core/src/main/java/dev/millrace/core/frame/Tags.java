package dev.millrace.core.frame;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Moves notes along with their samples, for nodes that change the rate or the frames' borders, or
/// have several inputs. A node that keeps the rate needs none of it: [Samples#with] and
/// [Samples#replaced] keep the notes.
public final class Tags {

  /// Which notes go where in a node with several inputs or outputs.
  public enum Policy {
    /// Those of every input to every output.
    ALL_TO_ALL,
    /// Those of each input to the output of the same number.
    ONE_TO_ONE,
    /// None.
    NONE
  }

  private Tags() {}

  /// The notes of `from` samples where these become `to` samples: each stays with the sample that
  /// covers its place, and none leaves the frame.
  public static List<SampleTag> scaled(List<SampleTag> tags, int from, int to) {
    var scaled = new ArrayList<SampleTag>(tags.size());
    for (var tag : tags) {
      if (from > 0 && to > 0 && tag.offset() < from) {
        int offset = (int) ((long) tag.offset() * to / from);
        scaled.add(new SampleTag(offset, tag.key(), tag.value()));
      }
    }
    return List.copyOf(scaled);
  }

  /// The notes of the samples from `start` up to `end`, counted from `start`.
  public static List<SampleTag> slice(List<SampleTag> tags, int start, int end) {
    var slice = new ArrayList<SampleTag>();
    for (var tag : tags) {
      if (tag.offset() >= start && tag.offset() < end) {
        slice.add(new SampleTag(tag.offset() - start, tag.key(), tag.value()));
      }
    }
    return List.copyOf(slice);
  }

  /// The notes as they are once `samples` samples stand before these.
  public static List<SampleTag> shifted(List<SampleTag> tags, int samples) {
    var shifted = new ArrayList<SampleTag>(tags.size());
    for (var tag : tags) {
      shifted.add(new SampleTag(Math.addExact(tag.offset(), samples), tag.key(), tag.value()));
    }
    return List.copyOf(shifted);
  }

  /// The notes of output `output` of a node with these inputs, in the order of their offsets; of
  /// equal ones in the order of the inputs.
  public static List<SampleTag> of(Policy policy, List<List<SampleTag>> inputs, int output) {
    return switch (policy) {
      case ALL_TO_ALL ->
          inputs.stream()
              .flatMap(List::stream)
              .sorted(Comparator.comparingInt(SampleTag::offset))
              .toList();
      case ONE_TO_ONE -> output < inputs.size() ? List.copyOf(inputs.get(output)) : List.of();
      case NONE -> List.of();
    };
  }
}
