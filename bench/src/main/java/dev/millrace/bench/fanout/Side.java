package dev.millrace.bench.fanout;

/// Who serves, and whom.
public enum Side {
  REFERENCE("reference"),
  REDIS("redis"),
  UNDISTURBED("nobody slow"),
  DISTURBED("somebody slow"),
  CLUSTER("over redis"),
  MILLRACE("millrace");

  private final String label;

  Side(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
