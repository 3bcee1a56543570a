package dev.millrace.core.frame;

import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Channels of binary64 samples by name, in the order of the names' code points; channels may
/// differ in length. Nobody writes into an array of a frame: a node makes a new one for what it
/// changes, and shares the others.
///
/// An array may be lent by a pool. Such a one is good while the frame is in the node's hand; a node
/// that keeps a frame beyond the call keeps [Frame#detach] of it.
public final class Samples implements Body {
  public static final Samples NONE = new Samples(new String[0], new double[0][], null, List.of());

  /// By code points, which is the order of the names' UTF-8 bytes. Makes no objects.
  public static final Comparator<String> BY_CODE_POINT = Samples::byCodePoint;

  private final String[] names; // sorted, shared between frames of the same shape
  private final double[][] arrays;
  private final @Nullable SampleBuffer @Nullable [] buffers; // null where not lent, or altogether
  private final List<SampleTag> tags;

  private Samples(
      String[] names,
      double[][] arrays,
      @Nullable SampleBuffer @Nullable [] buffers,
      List<SampleTag> tags) {
    this.names = names;
    this.arrays = arrays;
    this.buffers = buffers;
    this.tags = tags;
  }

  /// The arrays are kept, not copied.
  public static Samples of(Map<String, double[]> channels) {
    var names = channels.keySet().toArray(String[]::new);
    Arrays.sort(names, BY_CODE_POINT);
    var arrays = new double[names.length][];
    for (int i = 0; i < names.length; i++) {
      arrays[i] = java.util.Objects.requireNonNull(channels.get(names[i]));
    }
    return new Samples(names, arrays, null, List.of());
  }

  /// One channel.
  public static Samples of(String name, double[] samples) {
    return NONE.with(name, samples);
  }

  /// One channel.
  public static Samples of(String name, SampleBuffer samples) {
    return NONE.with(name, samples);
  }

  /// How many channels there are.
  public int count() {
    return names.length;
  }

  /// How many samples all channels have together.
  public long total() {
    long sum = 0;
    for (var array : arrays) {
      sum += array.length;
    }
    return sum;
  }

  public String name(int index) {
    return names[index];
  }

  /// The array itself: read only.
  public double[] channel(int index) {
    return arrays[index];
  }

  /// The array itself, null without such a channel: read only.
  public double @Nullable [] channel(String name) {
    int index = indexOf(name);
    return index < 0 ? null : arrays[index];
  }

  /// The place of a channel, or a negative number.
  public int indexOf(String name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /// All channels in order; the arrays themselves.
  public SequencedMap<String, double[]> channels() {
    var map = new LinkedHashMap<String, double[]>();
    for (int i = 0; i < names.length; i++) {
      map.put(names[i], arrays[i]);
    }
    return Collections.unmodifiableSequencedMap(map);
  }

  /// Notes that belong to single samples, in the order of their offsets.
  public List<SampleTag> tags() {
    return tags;
  }

  /// These channels and another; one of the same name is replaced.
  public Samples with(String name, double[] samples) {
    return with(name, samples, null);
  }

  /// These channels and another; one of the same name is replaced.
  public Samples with(String name, SampleBuffer samples) {
    return with(name, samples.array(), samples);
  }

  /// The same channels with other samples: those of `fresh`, one per channel in order; null keeps
  /// what is there.
  public Samples replaced(@Nullable SampleBuffer[] fresh) {
    if (fresh.length != names.length) {
      throw new IllegalArgumentException(
          fresh.length + " arrays for " + names.length + " channels");
    }
    var newArrays = arrays.clone();
    var newBuffers = buffers == null ? new @Nullable SampleBuffer[names.length] : buffers.clone();
    for (int i = 0; i < fresh.length; i++) {
      var buffer = fresh[i];
      if (buffer != null) {
        newArrays[i] = buffer.array();
        newBuffers[i] = buffer;
      }
    }
    return new Samples(names, newArrays, newBuffers, tags);
  }

  /// The same channels with other notes.
  public Samples withTags(List<SampleTag> newTags) {
    var sorted = newTags.stream().sorted(Comparator.comparingInt(SampleTag::offset)).toList();
    return new Samples(names, arrays, buffers, sorted);
  }

  /// Whether some array is lent.
  public boolean lent() {
    return buffers != null;
  }

  /// The same with arrays of its own where they are lent.
  public Samples detach() {
    if (buffers == null) {
      return this;
    }
    var copies = arrays.clone();
    for (int i = 0; i < copies.length; i++) {
      if (buffers[i] != null) {
        copies[i] = copies[i].clone();
      }
    }
    return new Samples(names, copies, null, tags);
  }

  /// For the engine alone: one more place holds the lent arrays.
  public void retain() {
    if (buffers != null) {
      for (var buffer : buffers) {
        if (buffer != null) {
          buffer.retain();
        }
      }
    }
  }

  /// For the engine alone: one place less holds the lent arrays.
  public void release() {
    if (buffers != null) {
      for (var buffer : buffers) {
        if (buffer != null) {
          buffer.release();
        }
      }
    }
  }

  private static int byCodePoint(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    for (int i = 0; i < shorter; i++) {
      char left = one.charAt(i);
      char right = other.charAt(i);
      if (left != right) {
        // Surrogates stand for code points above those that are one char.
        boolean high = Character.isSurrogate(left);
        return high == Character.isSurrogate(right) ? left - right : high ? 1 : -1;
      }
    }
    return one.length() - other.length();
  }

  private Samples with(String name, double[] samples, @Nullable SampleBuffer buffer) {
    int at = indexOf(name);
    if (at < 0) {
      return inserted(name, samples, buffer);
    }
    var newArrays = arrays.clone();
    newArrays[at] = samples;
    var newBuffers = buffers;
    if (buffers != null || buffer != null) {
      newBuffers = buffers == null ? new @Nullable SampleBuffer[names.length] : buffers.clone();
      newBuffers[at] = buffer;
    }
    return new Samples(names, newArrays, newBuffers, tags);
  }

  private Samples inserted(String name, double[] samples, @Nullable SampleBuffer buffer) {
    int at = 0;
    while (at < names.length && BY_CODE_POINT.compare(names[at], name) < 0) {
      at++;
    }
    int size = names.length + 1;
    var newNames = new String[size];
    var newArrays = new double[size][];
    var newBuffers = buffers == null && buffer == null ? null : new @Nullable SampleBuffer[size];
    for (int i = 0; i < size; i++) {
      int old = i < at ? i : i - 1;
      newNames[i] = i == at ? name : names[old];
      newArrays[i] = i == at ? samples : arrays[old];
      if (newBuffers != null) {
        newBuffers[i] = i == at ? buffer : buffers == null ? null : buffers[old];
      }
    }
    return new Samples(newNames, newArrays, newBuffers, tags);
  }

  /// By content; NaN equals NaN.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Samples that
        && Arrays.equals(names, that.names)
        && Arrays.deepEquals(arrays, that.arrays)
        && tags.equals(that.tags);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(names) * 31 + Arrays.deepHashCode(arrays);
  }

  @Override
  public String toString() {
    var text = new StringBuilder("Samples[");
    for (int i = 0; i < names.length; i++) {
      text.append(i == 0 ? "" : ", ").append(names[i]).append(": ").append(arrays[i].length);
    }
    return text.append(']').toString();
  }
}
