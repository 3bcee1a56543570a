package dev.millrace.hub;

import org.jspecify.annotations.Nullable;

/// What a publisher may say of a message beyond what every dialect knows. `category` is the kind of
/// frame it asks for, null for the one its type stands for. `members` is JSON that goes into the
/// envelope as it is: members with a comma in front of each, none of them one of the envelope's
/// own; empty for none. The bytes must not change any more.
public record MessageExtras(@Nullable String category, byte[] members) {
  private static final byte[] NONE = {};

  /// A category alone; null for a message that asks for none.
  public static @Nullable MessageExtras ofCategory(@Nullable String category) {
    return category == null ? null : new MessageExtras(category, NONE);
  }
}
