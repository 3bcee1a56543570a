package dev.millrace.bench.fanout;

/// What is compared with what: figures of `measured` are divided by those of `beside`.
public enum Contest {
  /// One topic, beside the repository's hub.
  REFERENCE(Side.MILLRACE, Side.REFERENCE),
  /// Many topics, beside Redis.
  REDIS(Side.MILLRACE, Side.REDIS),
  /// With slow readers, beside the same server without them.
  SLOW(Side.DISTURBED, Side.UNDISTURBED),
  /// Published on one instance and followed on another, beside one instance that does both.
  CLUSTER(Side.CLUSTER, Side.MILLRACE);

  private final Side measured;
  private final Side beside;

  Contest(Side measured, Side beside) {
    this.measured = measured;
    this.beside = beside;
  }

  public Side measured() {
    return measured;
  }

  public Side beside() {
    return beside;
  }

  @Override
  public String toString() {
    return measured.label() + " / " + beside.label();
  }
}
