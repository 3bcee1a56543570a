package dev.millrace.core.frame;

/// A note that belongs to one sample and travels with it: `offset` counts samples from the
/// beginning of the frame's arrays.
public record SampleTag(int offset, String key, String value) {
  public SampleTag {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset + " < 0");
    }
  }
}
