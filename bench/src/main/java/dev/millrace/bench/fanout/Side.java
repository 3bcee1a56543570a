package dev.millrace.bench.fanout;

/// Who serves.
public enum Side {
  REFERENCE("reference"),
  MILLRACE("millrace");

  private final String label;

  Side(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
