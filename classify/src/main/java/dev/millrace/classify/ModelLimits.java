package dev.millrace.classify;

/// How much of a model file is read before it is refused. `entries` counts the words of all labels'
/// tables together; 20 million take about 450 MB while reading and 200 MB after.
public record ModelLimits(long fileBytes, int labels, int words, int entries) {
  public static final ModelLimits DEFAULT =
      new ModelLimits(512L << 20, 10_000, 5_000_000, 20_000_000);

  static final int MAX_LABELS = Character.MAX_VALUE; // a label's number is kept in 16 bits

  public ModelLimits {
    if (fileBytes < 1 || labels < 1 || words < 1 || entries < 1) {
      throw new IllegalArgumentException(
          "limits must be at least 1: "
              + fileBytes
              + " bytes, "
              + labels
              + " labels, "
              + words
              + " words, "
              + entries
              + " entries");
    }
    if (labels > MAX_LABELS) {
      throw new IllegalArgumentException("labels " + labels + " > " + MAX_LABELS);
    }
  }
}
