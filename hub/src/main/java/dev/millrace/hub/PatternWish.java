package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// One pattern that one session asked for. Confined to the session's loop.
final class PatternWish implements Entrant {
  private final Session session;
  private final Wanted wanted;
  private final int numberInBatch;
  private @Nullable SubscribeBatch batch; // while the answer has not been given
  private boolean active; // answered: topics may follow

  PatternWish(Session session, Wanted wanted, SubscribeBatch batch, int numberInBatch) {
    this.session = session;
    this.wanted = wanted;
    this.batch = batch;
    this.numberInBatch = numberInBatch;
  }

  Session session() {
    return session;
  }

  Wanted wanted() {
    return wanted;
  }

  boolean isActive() {
    return active;
  }

  @Override
  public String name() {
    return wanted.topic();
  }

  /// Its topics are known and what is published on them is heard, wherever that is: it can be
  /// answered.
  void heard() {
    if (batch != null) {
      batch.resolve(numberInBatch, new SubscribeOutcome.Subscribed(name()), this);
    }
  }

  /// Now the topics that are there already are subscribed to.
  @Override
  public void answered() {
    batch = null;
    if (!session.isClosed()) { // closing gives up the rest of the request, and so decides it
      active = true;
      session.shard().patterns().begin(this);
    }
  }

  void withdraw() {
    active = false;
    var asked = batch;
    batch = null;
    if (asked != null) {
      asked.withdraw(numberInBatch, this);
    }
  }
}
