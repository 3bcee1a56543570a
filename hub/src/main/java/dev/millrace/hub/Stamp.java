package dev.millrace.hub;

/// What the topic adds to a message as it takes its place in the log. One mutable object per loop,
/// valid during [WireForm#encode] alone.
public final class Stamp {
  private String topic = "";
  private long offset;
  private int epoch;
  private long idHigh;
  private long idLow;

  /// The topic's name.
  public String topic() {
    return topic;
  }

  /// The message's place in its topic: 1 for the first of an epoch, then +1 each.
  public long offset() {
    return offset;
  }

  /// Changes whenever the topic starts again from nothing.
  public int epoch() {
    return epoch;
  }

  /// The upper half of a UUID version 7 for a message that came without an id.
  public long idHigh() {
    return idHigh;
  }

  public long idLow() {
    return idLow;
  }

  /// Names the topic; for the hub, and for tests of wire forms.
  public Stamp in(String newTopic) {
    topic = newTopic;
    return this;
  }

  /// Sets all other fields; for the hub, and for tests of wire forms.
  public Stamp set(int newEpoch, long newOffset, long newIdHigh, long newIdLow) {
    epoch = newEpoch;
    offset = newOffset;
    idHigh = newIdHigh;
    idLow = newIdLow;
    return this;
  }
}
