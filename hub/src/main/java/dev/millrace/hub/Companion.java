package dev.millrace.hub;

/// The topic on which a topic's comings and goings are told. Its name ends with a character that no
/// other topic's name may have, so nobody else publishes or subscribes there, and it stays out of
/// listings. It belongs to the loop of the topic itself.
final class Companion {
  private static final char MARK = '\0';

  private Companion() {}

  static String of(String topic) {
    return topic + MARK;
  }

  static boolean isOne(String name) {
    return !name.isEmpty() && name.charAt(name.length() - 1) == MARK;
  }

  /// The topic itself, whichever of the two `name` is.
  static String topicOf(String name) {
    return isOne(name) ? name.substring(0, name.length() - 1) : name;
  }
}
