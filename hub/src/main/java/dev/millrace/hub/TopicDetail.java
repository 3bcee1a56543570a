package dev.millrace.hub;

import java.util.List;

/// One topic, with what its loop knows of it. `lanes` are its logs by wire form; `keptMessages` and
/// `keptBytes` (on the wire) are there for clients that come back.
public record TopicDetail(
    TopicStats stats, List<LaneFigures> lanes, long keptMessages, long keptBytes) {

  /// Since the lane began: messages, and their bytes on the wire. `behind` are subscriptions that
  /// have not been sent all of it.
  public record LaneFigures(String form, long messages, long bytes, int behind) {}

  public TopicDetail {
    lanes = List.copyOf(lanes);
  }

  /// On the topic's loop.
  static TopicDetail of(Topic topic) {
    var lanes =
        topic.lanes().stream()
            .map(
                lane ->
                    new LaneFigures(
                        lane.form().name(),
                        lane.publishedMessages(),
                        lane.publishedBytes(),
                        lane.laggards.get()))
            .toList();
    var retained = topic.retainedLane();
    var log = retained == null ? null : retained.retained();
    return new TopicDetail(
        topic.stats(), lanes, log == null ? 0 : log.messages(), log == null ? 0 : log.bytes());
  }
}
