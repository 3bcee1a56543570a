package dev.millrace.hub;

import static io.netty.buffer.ByteBufUtil.utf8Bytes;

import org.jspecify.annotations.Nullable;

/// What is wrong with what the hub is asked for, before anything is done. Safe for use from any
/// thread.
final class Objections {
  /// Characters of a type, an id, a correlation id or the name of a queue group.
  private static final int MAX_NAME = 256;

  /// Bytes with which a frame says where it stands, besides the topic's name.
  private static final int STAMP = 48;

  private final HubSpec spec;
  private final TopicRules rules;
  private final Counters counters;
  private final boolean stamps; // whether some topics' frames say where they stand

  Objections(HubSpec spec, TopicRules rules, Counters counters) {
    this.spec = spec;
    this.rules = rules;
    this.counters = counters;
    this.stamps = rules.someRetain();
  }

  /// Why a topic may not be called that, or null.
  @Nullable String toName(String topic) {
    if (TopicPattern.isPattern(topic)) {
      return "the name of a topic has no * and no ?: they stand for patterns";
    }
    return toPattern(topic);
  }

  /// Why nothing may be subscribed to by that name or pattern, or null.
  @Nullable String toPattern(String topic) {
    if (topic.isEmpty()) {
      return "a topic needs a name";
    }
    int limit = spec.maxTopicLength();
    if (topic.length() > limit || utf8Bytes(topic) > limit) {
      return "the name of a topic has at most " + limit + " bytes";
    }
    for (int i = 0; i < topic.length(); i++) {
      char c = topic.charAt(i);
      if (c < ' ' || c == 0x7F) {
        return "the name of a topic has no control characters";
      }
    }
    return null;
  }

  /// Why a client of `surface` may not subscribe to that, or null. A pattern has no audience of its
  /// own: ask for each topic it stands for.
  @Nullable String to(Wanted wish, String surface) {
    var badName = toPattern(wish.topic());
    if (badName != null) {
      return badName;
    }
    boolean pattern = TopicPattern.isPattern(wish.topic());
    var group = wish.queueGroup();
    if (group != null && (group.isEmpty() || group.length() > MAX_NAME)) {
      return "the name of a queue group has 1 to " + MAX_NAME + " characters";
    }
    if (group != null && pattern) {
      return "a queue group shares one topic, not a pattern";
    }
    return pattern ? null : toAudience(wish.topic(), surface);
  }

  /// Why clients of `surface` may not have that topic, or null.
  @Nullable String toAudience(String topic, String surface) {
    return rules.of(topic).objectionTo(surface);
  }

  /// Why there can be no further topic.
  String tooManyTopics() {
    return "there are " + spec.maxTopics() + " topics already";
  }

  PublishOutcome.Refused tooManyTopics(String topic) {
    return PublishOutcome.Refused.because(
        "E_TOO_MANY_TOPICS", topic, tooManyTopics(), "Use fewer topics, or raise hub.max_topics.");
  }

  /// Why a publication is not taken, or null. Counts its messages.
  PublishOutcome.@Nullable Refused to(Publication publication) {
    var topic = publication.topic();
    int count = publication.messages().size();
    var badName = toName(topic);
    if (badName != null) {
      counters.refusedOther.inc(count);
      return PublishOutcome.Refused.because(
          "E_TOPIC_NAME", topic, badName, "Choose another name for the topic.");
    }
    if (count > spec.inboxMessages() || publication.waitingBytes() > spec.inboxBytes().bytes()) {
      counters.refusedTooLarge.inc(count);
      return PublishOutcome.Refused.because(
          "E_BATCH_TOO_LARGE",
          topic,
          count + " messages are more than can wait at once",
          "Publish at most " + spec.inboxMessages() + " at a time, " + spec.inboxBytes() + ".");
    }
    long addedBytes = stamps ? STAMP + 2L * utf8Bytes(topic) : 0;
    addedBytes += spec.signing().types().isEmpty() ? 0 : SigningSpec.MOST_BYTES;
    for (var message : publication.differing()) {
      var bad = to(topic, message, addedBytes);
      if (bad != null) {
        counters.refusedTooLarge.inc(count);
        return bad;
      }
    }
    return null;
  }

  private PublishOutcome.@Nullable Refused to(String topic, Message message, long addedBytes) {
    long limit = spec.maxMessage().bytes();
    long bytes = message.wireBytesAtMost() + addedBytes;
    if (bytes > limit) {
      return PublishOutcome.Refused.because(
          "E_MESSAGE_TOO_LARGE",
          topic,
          "a message of " + bytes + " bytes on the wire is too large",
          "A message has at most " + limit + " bytes, envelope included; split it.");
    }
    if (isTooLong(message.type()) || isTooLong(message.id()) || message.type().isEmpty()) {
      return PublishOutcome.Refused.because(
          "E_MESSAGE_NAME",
          topic,
          "a type has 1 to " + MAX_NAME + " characters and an id at most as many",
          "Shorten them; put what they say into the payload.");
    }
    if (isTooLong(message.correlationId())) {
      return PublishOutcome.Refused.because(
          "E_MESSAGE_NAME",
          topic,
          "a correlation id has at most " + MAX_NAME + " characters",
          "Shorten it.");
    }
    return null;
  }

  private static boolean isTooLong(@Nullable String name) {
    return name != null && name.length() > MAX_NAME;
  }
}
