package dev.millrace.connect.simulated;

/// Invented names of people who do not exist.
final class Names {
  private static final String[] FIRST = {
    "amber", "birch", "cedar", "dahlia", "ember", "fern", "ginkgo", "heron", "indigo", "juniper",
    "kestrel", "linden", "maple", "nettle", "otter", "poppy", "quill", "rowan", "saffron", "thistle"
  };
  private static final String[] SECOND = {
    "bay", "brook", "cliff", "dale", "field", "glen", "harbor", "island", "lake", "meadow", "moss",
    "peak", "ridge", "river", "shore", "spring", "stone", "trail", "valley", "wood"
  };
  private static final String[] STATUSES = {"deactivated", "deleted", "takendown", "suspended"};

  private Names() {}

  static String handle(int account) {
    return FIRST[account % FIRST.length]
        + "-"
        + SECOND[account / FIRST.length % SECOND.length]
        + account
        + ".example.social";
  }

  static String display(int account) {
    var first = FIRST[account % FIRST.length];
    var second = SECOND[account / FIRST.length % SECOND.length];
    return capital(first) + " " + capital(second);
  }

  static String status(int index) {
    return STATUSES[index];
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }
}
