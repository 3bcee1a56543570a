package dev.millrace.bench.load;

import java.io.IOException;

/// The topics of one load with their publishers, which take turns, and what they still have to be
/// delivered. Confined to the load's thread.
final class Topics {
  private final Publishing[] publishers;
  private final int[] audience;
  private final String[] names;
  private int next;
  private long due; // deliveries of everything published

  /// Connects a publisher to each topic; the subscribers are spread evenly.
  Topics(LoadSpec spec, Target target, SocketLoop loop) throws IOException {
    int count = spec.topics();
    var at = target.forPublishers();
    publishers = new Publishing[count];
    audience = new int[count];
    names = new String[count];
    for (int i = 0; i < count; i++) {
      // Names of one length, so that frames have one length.
      names[i] = count == 1 ? "bench" : "bench-%05d".formatted(i);
      audience[i] = spec.subscribers() / count + (i < spec.subscribers() % count ? 1 : 0);
      var path = target.publishPath(names[i]);
      publishers[i] =
          switch (target.protocol()) {
            case WEB_SOCKET -> new Publisher(at, path, loop.selector(), spec.payloadBytes());
            case REDIS -> new RedisPublisher(at, path, loop.selector(), spec.payloadBytes());
          };
    }
  }

  int count() {
    return names.length;
  }

  /// The topic of subscriber `index`.
  String nameOf(int index) {
    return names[index % names.length];
  }

  /// Deliveries that everything published so far has to come to.
  long due() {
    return due;
  }

  long published() {
    long sum = 0;
    for (var publisher : publishers) {
      sum += publisher.published();
    }
    return sum;
  }

  /// Puts a message on the next topic into its publisher's output; false if there is no room.
  boolean offer(long nanos) {
    if (!publishers[next].offer(nanos)) {
      return false;
    }
    due += audience[next];
    next = next + 1 == publishers.length ? 0 : next + 1;
    return true;
  }

  /// Puts one message on every topic.
  void offerEverywhere(long nanos) {
    for (int i = 0; i < publishers.length; i++) {
      if (!offer(nanos)) {
        return; // then there is enough under way
      }
    }
  }

  /// Writes what the last `offered` messages left in the outputs.
  void flush(int offered) throws IOException {
    int touched = Math.min(offered, publishers.length);
    for (int i = 1; i <= touched; i++) {
      publishers[Math.floorMod(next - i, publishers.length)].flush();
    }
  }

  boolean areAlive() {
    for (var publisher : publishers) {
      if (!publisher.isAlive()) {
        return false;
      }
    }
    return true;
  }
}
