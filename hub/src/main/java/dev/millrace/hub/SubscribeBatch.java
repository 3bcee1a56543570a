package dev.millrace.hub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The topics of one request to subscribe, until all of them are decided. Their data waits until
/// the request has been answered. Confined to the session's loop.
final class SubscribeBatch {
  private final @Nullable SubscribeOutcome[] outcomes;
  private final Consumer<List<SubscribeOutcome>> done;
  private final List<Entrant> admitted = new ArrayList<>();
  private int open;

  SubscribeBatch(int topics, Consumer<List<SubscribeOutcome>> done) {
    this.outcomes = new @Nullable SubscribeOutcome[topics];
    this.done = done;
    this.open = topics;
  }

  void resolve(int number, SubscribeOutcome outcome, @Nullable Entrant entrant) {
    if (outcomes[number] != null) {
      stepIn(outcome, entrant);
      return;
    }
    outcomes[number] = outcome;
    if (entrant != null && !(outcome instanceof SubscribeOutcome.Refused)) {
      admitted.add(entrant);
    }
    decided();
  }

  /// The answer stands already; `entrant` has taken the place of the one that it was about.
  private void stepIn(SubscribeOutcome outcome, @Nullable Entrant entrant) {
    if (entrant == null || outcome instanceof SubscribeOutcome.Refused) {
      return;
    }
    if (open == 0) {
      entrant.answered();
    } else {
      admitted.add(entrant);
    }
  }

  /// Another entrant takes this one's place, and will be decided in turn.
  void leave(Entrant entrant) {
    admitted.remove(entrant);
  }

  /// The entrant was given up. If it had been decided, that answer stands.
  void withdraw(int number, Entrant entrant) {
    admitted.remove(entrant);
    if (outcomes[number] == null) {
      outcomes[number] =
          new SubscribeOutcome.Refused(
              entrant.name(), "it was unsubscribed before the answer came");
      decided();
    }
  }

  private void decided() {
    if (--open == 0) {
      done.accept(Arrays.asList(outcomes).stream().map(java.util.Objects::requireNonNull).toList());
      admitted.forEach(Entrant::answered);
      admitted.clear();
    }
  }
}
