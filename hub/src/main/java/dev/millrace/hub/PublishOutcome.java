package dev.millrace.hub;

import dev.millrace.core.problem.Location;
import dev.millrace.core.problem.Problem;

/// What the hub says to a publisher, at once.
public sealed interface PublishOutcome {
  /// The topic's loop will append them, in order.
  record Accepted(int messages) implements PublishOutcome {}

  /// They can never be taken as they are. Codes: `E_TOPIC_NAME`, `E_MESSAGE_NAME`,
  /// `E_MESSAGE_TOO_LARGE`, `E_BATCH_TOO_LARGE`, `E_TOO_MANY_TOPICS`, `E_CLOSED`.
  record Refused(Problem problem) implements PublishOutcome {
    static Refused because(String code, String topic, String what, String fix) {
      return new Refused(Problem.error(code, Location.of("topic " + shortened(topic)), what, fix));
    }

    private static String shortened(String topic) {
      return topic.length() <= 64 ? topic : topic.substring(0, 64) + "…";
    }
  }

  /// The topic's inbox has no room now; [Hub#whenRoom] says when it has.
  record Full() implements PublishOutcome {}
}
