package dev.millrace.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts what waits in the inbox of one loop into the logs of its topics, a turn's worth at a time.
/// Confined to the loop.
final class Appender {
  private static final Logger log = LoggerFactory.getLogger(Appender.class);

  /// Messages taken in one turn.
  private static final int TURN_MESSAGES = 4_096;

  private final HubShard shard;
  private final Inbox inbox;
  private final TopicTable topics;
  private final Counters counters;
  private final SendTimes.Stopwatch stopwatch;
  private final IdSource ids;
  private final int[] priorities = new int[Priority.values().length]; // by rank, of this turn
  private final Stamp stamp = new Stamp();
  private final List<Topic> publishedTo = new ArrayList<>();
  private final List<Lane> dirtyLanes = new ArrayList<>();
  private @Nullable Publication current; // taken from the inbox, not yet appended whole
  private int nextMessage;
  private int duplicates;
  private long appendedBytes; // as they count in the inbox, before the turn under way

  Appender(HubShard shard, SendTimes.Stopwatch stopwatch, SplittableRandom random) {
    this.shard = shard;
    this.inbox = shard.inbox();
    this.topics = shard.topics();
    this.counters = shard.counters();
    this.stopwatch = stopwatch;
    this.ids = new IdSource(random);
  }

  /// Whether something is left for the next turn.
  boolean isBehind() {
    return current != null || !inbox.isEmpty();
  }

  /// Appends up to a turn's worth, and lets the readers of the lanes see it.
  void append(long nowNanos, long nowMillis) {
    int open = TURN_MESSAGES;
    long room = shard.appendRoom();
    long openBytes = room;
    long payload = 0;
    int appended = 0;
    while (open > 0 && openBytes > 0 && shard.relief().makeRoom()) {
      var publication = current;
      if (publication == null) {
        publication = inbox.poll();
        if (publication == null) {
          break;
        }
        current = publication;
        nextMessage = 0;
        duplicates = 0;
      }
      var topic = topics.resolve(publication.topic(), nowNanos);
      if (topic == null) {
        refuse(publication);
        continue;
      }
      if (!topic.isAnnounced()) {
        shard.hub().news().announce(topic);
      }
      var messages = publication.messages();
      var first = publication.first();
      if (nextMessage == 0) {
        begin(topic, publication);
      }
      if (publication.isUnheard() && first == null) {
        int unheard = Math.min(open, messages.size() - nextMessage);
        topic.passUnheard(unheard, nowNanos);
        published(topic);
        priorities[Message.UNHEARD.priority().rank()] += unheard;
        appended += unheard;
        open -= unheard;
        nextMessage += unheard;
      }
      for (; nextMessage < messages.size() && open > 0 && openBytes > 0; nextMessage++, open--) {
        var message = messages.get(nextMessage);
        if (first != null && !topic.comesTo(first.epoch(), first.offset() + nextMessage)) {
          duplicates++;
        } else if (append(topic, message, nowNanos, nowMillis)) {
          priorities[message.priority().rank()]++;
          payload += message.payload().length;
          openBytes -= message.waitingBytes();
          appended++;
        }
      }
      if (nextMessage == messages.size()) {
        finish(publication, topic);
      }
    }
    if (appended > 0) {
      counters.published.inc(appended);
      counters.published(priorities);
      counters.sendTimes.waited(stopwatch.waitedNanos(nowNanos));
    }
    counters.publishedBytes.inc(payload);
    publish();
    appendedBytes += room - openBytes;
  }

  /// Bytes appended before the turn under way, as they count in the inbox.
  long appendedBytes() {
    return appendedBytes;
  }

  /// A publication without places ends those that somebody else gave; one without messages takes a
  /// place all the same.
  private void begin(Topic topic, Publication publication) {
    var first = publication.first();
    boolean empty = publication.messages().isEmpty();
    if (first == null && !empty && topic.isPlaced()) {
      topic.leavePlaces(topics.nextEpoch());
    } else if (first != null && empty && topic.comesTo(first.epoch(), first.offset())) {
      topic.passOver();
    }
    if (empty) {
      topic.publishStats();
    } else if (!publication.past()) {
      topic.followed(); // this is of it
    }
  }

  private boolean append(Topic topic, Message message, long nowNanos, long nowMillis) {
    if (!topic.accept(message, nowNanos)) {
      duplicates++;
      return false;
    }
    published(topic);
    if (topic.lanes().isEmpty() || message.isUnheard()) {
      return true;
    }
    var finished = shard.hub().finishing().of(message, topic, nowMillis);
    if (finished == null) {
      return true;
    }
    ids.next(nowMillis);
    stamp.in(topic.name()).set(topic.epoch(), topic.offset(), ids.high(), ids.low());
    int type = topic.numberOf(message.type());
    for (var lane : topic.lanes()) {
      try {
        if (lane.append(finished, stamp, type, nowMillis)) {
          dirtyLanes.add(lane);
        }
      } catch (RuntimeException failure) {
        unencodable(lane, message, failure);
      }
    }
    return true;
  }

  private void published(Topic topic) {
    if (publishedTo.isEmpty() || publishedTo.getLast() != topic) {
      publishedTo.add(topic);
    }
  }

  /// Counts a message that subscribers miss.
  void unencodable(Lane lane, Message message, RuntimeException failure) {
    counters.refusedUnencodable.inc();
    log.error(
        "A message of type {} could not be written in the form {}; its subscribers miss it",
        message.type(),
        lane.form().name(),
        failure);
  }

  /// Something stands in a lane besides what came from the inbox; the next turn shows it.
  void dirty(Lane lane) {
    dirtyLanes.add(lane);
  }

  private void finish(Publication publication, Topic topic) {
    current = null;
    inbox.done(publication);
    if (duplicates > 0) {
      counters.duplicates.inc(duplicates);
    }
    var receipt = publication.receipt();
    if (receipt != null) {
      receipt.complete(new Receipt.Appended(topic.epoch(), topic.offset(), duplicates));
    }
  }

  private void refuse(Publication publication) {
    current = null;
    inbox.done(publication);
    counters.refusedTopics.inc(publication.messages().size() - nextMessage);
    var receipt = publication.receipt();
    if (receipt != null) {
      receipt.complete(
          new Receipt.NotAppended(shard.hub().objections().tooManyTopics(publication.topic())));
    }
  }

  private void publish() {
    for (var topic : publishedTo) {
      topic.publishStats();
    }
    publishedTo.clear();
    for (var lane : dirtyLanes) {
      lane.publishIfDirty();
    }
    dirtyLanes.clear();
  }
}
