package dev.millrace.gateway.acl;

import org.jspecify.annotations.Nullable;

/// A pattern for the names of topics: `*` stands for any run of characters, `?` for one, `{user}`
/// for the caller's name as it is, whatever characters it has. Immutable.
///
/// Matching takes at most the product of both lengths and never goes back behind the last `*`, so
/// no name and no rule makes it slow.
final class Glob {
  private static final int ANY_RUN = -1;
  private static final int ANY_ONE = -2;
  private static final String USER = "{user}";

  private final String text;
  private final boolean namesUser;
  private final int[] symbols; // empty where they depend on the user

  Glob(String text) {
    this.text = text;
    this.namesUser = text.contains(USER);
    this.symbols = namesUser ? new int[0] : symbols(text, "");
  }

  boolean matches(String topic, String user) {
    if (!namesUser) {
      return matches(symbols, topic);
    }
    return !user.isEmpty() && matches(symbols(text, user), topic);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Glob glob && glob.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }

  private static int[] symbols(String text, String user) {
    var symbols = new int[text.length() + user.length() * (text.length() / USER.length())];
    int count = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith(USER, i)) {
        for (int j = 0; j < user.length(); j++) {
          symbols[count++] = user.charAt(j);
        }
        i += USER.length() - 1;
      } else {
        symbols[count++] =
            switch (text.charAt(i)) {
              case '*' -> ANY_RUN;
              case '?' -> ANY_ONE;
              default -> text.charAt(i);
            };
      }
    }
    return java.util.Arrays.copyOf(symbols, count);
  }

  private static boolean matches(int[] pattern, String topic) {
    int at = 0;
    int symbol = 0;
    int runSymbol = -1; // behind the last run, where a mismatch goes on from
    int runEnd = 0;
    while (at < topic.length()) {
      if (symbol < pattern.length && pattern[symbol] == ANY_RUN) {
        runSymbol = ++symbol;
        runEnd = at;
      } else if (symbol < pattern.length
          && (pattern[symbol] == ANY_ONE || pattern[symbol] == topic.charAt(at))) {
        symbol++;
        at++;
      } else if (runSymbol >= 0) {
        symbol = runSymbol;
        at = ++runEnd;
      } else {
        return false;
      }
    }
    while (symbol < pattern.length && pattern[symbol] == ANY_RUN) {
      symbol++;
    }
    return symbol == pattern.length;
  }
}
