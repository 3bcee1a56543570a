package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

/// What one session of a model test must get of one topic: every message its wish keeps, once and
/// in order, but for what may be left out, which is added up, and what a later message of its key
/// replaced.
final class ModelStream {
  private static final long UNKNOWN = -1;

  private final ModelWorld world;
  private final ModelLog log;
  private final ModelWish wish;
  private final @Nullable Position asked;
  private final boolean sameLoop; // as the topic's
  private final long floor; // begins behind this
  private long beginsBefore = Long.MAX_VALUE; // or here
  private long last = UNKNOWN; // offset up to which everything is accounted for
  private long replayedTo;
  private boolean confirmed;

  ModelStream(
      ModelWorld world,
      ModelLog log,
      ModelWish wish,
      @Nullable Position asked,
      boolean sameLoop,
      boolean late) {
    this.world = world;
    this.log = log;
    this.wish = wish;
    this.asked = asked;
    this.sameLoop = sameLoop;
    // What was published before and is still being made comes, too.
    this.floor = late ? 0 : world.hub().topic(log.topic()).map(TopicStats::offset).orElse(0L);
  }

  /// Where somebody who leaves now would go on, or null if that is not known.
  @Nullable Position position() {
    return last == UNKNOWN || !confirmed || wish.conflates()
        ? null
        : new Position(world.epoch(log.topic()), last);
  }

  // Answers.

  void foundByPattern() {
    confirmed = true;
  }

  void answered(SubscribeOutcome outcome, WireForm form) {
    confirmed = true;
    if (asked == null) {
      assertThat(outcome).as(where()).isEqualTo(new SubscribeOutcome.Subscribed(log.topic()));
      beginsBefore = log.end();
      return;
    }
    var resumed = (SubscribeOutcome.Resumed) outcome;
    check(resumed, asked, form);
    last = resumed.recovered() ? asked.offset() : resumed.offset();
    replayedTo = resumed.recovered() ? resumed.offset() : 0;
  }

  private void check(SubscribeOutcome.Resumed resumed, Position from, WireForm form) {
    var as = where() + " " + from + " -> " + resumed + " in " + form.name();
    long end = resumed.offset();
    assertThat(end).as(as).isBetween(floor, log.end());
    boolean known = from.epoch() == resumed.epoch() && from.offset() >= 0 && from.offset() <= end;
    long missed = 0;
    for (long offset = from.offset() + 1; known && offset <= end; offset++) {
      missed += log.at(offset).encodable() ? 1 : 0;
    }
    boolean kept = log.topic().startsWith("kept") && !form.name().equals("other");
    if (known && from.offset() == end) {
      assertThat(resumed.recovered()).as(as).isTrue();
    } else if (!known || !kept || missed > ModelWorld.KEPT * 5 / 4 + 1) {
      assertThat(resumed.recovered()).as(as).isFalse();
    } else if (missed <= ModelWorld.KEPT) {
      assertThat(resumed.recovered()).as(as).isTrue();
    }
    assertThat(resumed.count()).as(as).isEqualTo(resumed.recovered() ? missed : 0);
    world.countRecovery(resumed.count());
  }

  // Messages.

  void receive(long offset, boolean copied, boolean mayBeCopied) {
    assertThat(confirmed).as("%s: data before the answer", where()).isTrue();
    assertThat(log.at(offset).encodable() && wish.keeps(offset)).as(where(offset)).isTrue();
    if (last == UNKNOWN) {
      assertThat(offset).as(where(offset)).isGreaterThan(floor);
      last = Math.min(beginsBefore, offset - 1);
    }
    assertThat(offset).as(where(offset)).isGreaterThan(last);
    assertThat(copied).as(where(offset)).isEqualTo(mayBeCopied && offset <= replayedTo);
    accountUpTo(offset - 1);
    last = offset;
  }

  /// Nothing is under way any more.
  void settle() {
    assertThat(confirmed).as("%s: no answer", where()).isTrue();
    if (last == UNKNOWN && (log.end() > 0 || sameLoop || beginsBefore == 0)) {
      last = Math.min(beginsBefore, log.end());
    }
    if (last != UNKNOWN) {
      accountUpTo(log.end());
    }
  }

  private void accountUpTo(long end) {
    for (last++; last <= end; last++) {
      var entry = log.at(last);
      if (entry.encodable() && wish.keeps(last)) {
        missing(last, entry);
      }
    }
    last = end;
  }

  private void missing(long offset, ModelLog.Entry entry) {
    if (wish.conflates()) {
      assertThat(log.isReplaced(offset, wish)).as("%s is missing", where(offset)).isTrue();
      return;
    }
    boolean may = world.skips() && offset > replayedTo && entry.priority().mayBeLeftOut();
    assertThat(may).as("%s is missing", where(offset)).isTrue();
    world.countLeftOut(entry.priority());
  }

  private String where() {
    return world.context() + ", " + log.topic();
  }

  private String where(long offset) {
    return where() + " " + offset + " after " + last;
  }
}
