package dev.millrace.signals.process;

import dev.millrace.core.frame.Metadata;
import java.util.Map;
import java.util.TreeMap;

/// The same few entries, added to the metadata of frame after frame. Frames of one stream mostly
/// share their metadata, so the last result is kept. Confined to one thread.
public final class AddedMetadata {
  private final Map<String, String> entries;
  private final boolean replaces;
  private Metadata before;
  private Metadata after;

  private AddedMetadata(Map<String, String> entries, boolean replaces) {
    this.entries = Map.copyOf(entries);
    this.replaces = replaces;
    this.before = Metadata.NONE;
    this.after = added(Metadata.NONE);
  }

  /// Entries that give way to those that are there.
  public static AddedMetadata ifAbsent(Map<String, String> entries) {
    return new AddedMetadata(entries, false);
  }

  /// Entries that replace those that are there.
  public static AddedMetadata always(Map<String, String> entries) {
    return new AddedMetadata(entries, true);
  }

  /// The metadata with the entries.
  @SuppressWarnings("ReferenceEquality") // another object with the same entries is made anew
  public Metadata to(Metadata metadata) {
    if (metadata != before) {
      after = added(metadata);
      before = metadata;
    }
    return after;
  }

  private Metadata added(Metadata metadata) {
    if (!replaces && metadata.entries().keySet().containsAll(entries.keySet())) {
      return metadata;
    }
    var all = new TreeMap<>(replaces ? metadata.entries() : entries);
    all.putAll(replaces ? entries : metadata.entries());
    return new Metadata(all);
  }
}
