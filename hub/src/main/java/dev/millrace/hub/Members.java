package dev.millrace.hub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Subscriptions that stand where their cohort stands, each in a slot it knows. Confined to one
/// loop.
final class Members {
  private static final @Nullable Subscription[] NOBODY = {};

  private @Nullable Subscription[] slots = NOBODY;
  private int size;

  int size() {
    return size;
  }

  Subscription at(int slot) {
    var member = slots[slot];
    if (member == null) {
      throw new IllegalStateException("slot " + slot + " of " + size + " is empty");
    }
    return member;
  }

  void add(Subscription subscription) {
    if (size == slots.length) {
      slots = Arrays.copyOf(slots, Math.max(1, size * 2));
    }
    slots[size] = subscription;
    subscription.enter(this, size++);
  }

  void remove(Subscription subscription) {
    int slot = subscription.slot();
    var last = at(--size);
    slots[size] = null;
    subscription.leaveMembers();
    if (slot != size) {
      slots[slot] = last;
      last.enter(this, slot);
    }
    if (size == 0) {
      slots = NOBODY;
    }
  }
}
