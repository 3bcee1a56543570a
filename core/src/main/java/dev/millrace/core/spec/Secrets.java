package dev.millrace.core.spec;

import dev.millrace.core.document.Tree;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What in a document must not be shown, and how a text is shown without it.
public final class Secrets {
  /// What stands in the place of a secret, whatever its length.
  public static final String MASK = "***";

  private static final int LEAST_REPLACED = 4; // characters; shorter values occur by chance

  /// Ends of key names, in lower case and without separators, whose values are secrets.
  private static final List<String> TELLING =
      List.of(
          "password",
          "passwords",
          "passwd",
          "passphrase",
          "pwd",
          "secret",
          "secrets",
          "token",
          "tokens",
          "apikey",
          "apikeys",
          "accesskey",
          "secretkey",
          "signingkey",
          "privatekey",
          "privatekeys",
          "authorization",
          "credential",
          "credentials",
          "cookie");

  /// The whole authority with user information; in a second form one whose password has a slash, so
  /// that what looks like its port is no number.
  private static final Pattern USER_INFORMATION =
      Pattern.compile(
          "(?<scheme>[A-Za-z][A-Za-z0-9+.-]{0,31}://)"
              + "(?:(?<info>[^\\s/?#\"']*)@|(?<user>[^\\s/?#\"':@]*):"
              + "(?!(?<=[^/]:)\\d{1,5}[/?#])[^\\s\"'@]{0,1024}@)");

  private static final Pattern SCHEME_CREDENTIALS =
      Pattern.compile("(?i)\\b(bearer|basic)\\s+[A-Za-z0-9._~+/=-]+");

  private static final Pattern QUERY_VALUE =
      Pattern.compile("(?<=[?&;])([A-Za-z0-9_.-]{1,64})=([^\\s&;#\"']+)");

  private Secrets() {}

  /// Whether a key that no spec describes says by its name that its value is a secret: `password`,
  /// `api_key`, `X-Auth-Token`, also at the end of a longer name.
  public static boolean soundsSecret(String key) {
    var plain = key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    return TELLING.stream().anyMatch(plain::endsWith);
  }

  /// `text` without passwords in URLs, credentials of an `Authorization` header, and query values
  /// whose names say that they are secret.
  public static String masked(String text) {
    var result = text;
    if (text.contains("://")) {
      result =
          USER_INFORMATION
              .matcher(result)
              .replaceAll(
                  match ->
                      java.util.regex.Matcher.quoteReplacement(
                          match.group("scheme")
                              + shownUser(match.group("info"), match.group("user"))
                              + "@"));
    }
    if (text.indexOf('=') > 0) {
      result =
          QUERY_VALUE
              .matcher(result)
              .replaceAll(
                  match ->
                      java.util.regex.Matcher.quoteReplacement(
                          match.group(1)
                              + "="
                              + (soundsSecret(match.group(1)) ? MASK : match.group(2))));
    }
    return SCHEME_CREDENTIALS.matcher(result).replaceAll("$1 " + MASK);
  }

  /// Every text in `document` that must not be shown: the values of secret keys, all that came from
  /// the environment or from files of secrets, and in parts no spec describes the values of keys
  /// whose names say so. Blank texts are left out.
  public static Set<String> values(Tree document, Spec<?> spec) {
    var found = new LinkedHashSet<String>();
    collect(document, spec, found);
    found.removeIf(String::isBlank);
    return found;
  }

  /// The same tree with every value a secret.
  static Tree veiled(Tree tree) {
    return switch (tree) {
      case Tree.Mapping mapping -> {
        var entries = new LinkedHashMap<String, Tree>();
        mapping.entries().forEach((key, value) -> entries.put(key, veiled(value)));
        yield new Tree.Mapping(mapping.location(), entries, mapping.keyLocations());
      }
      case Tree.Sequence sequence -> {
        var items = new ArrayList<Tree>();
        sequence.items().forEach(item -> items.add(veiled(item)));
        yield new Tree.Sequence(sequence.location(), items);
      }
      case Tree.Scalar(var location, var value, var origin) ->
          new Tree.Scalar(location, value, Tree.Scalar.Origin.SECRET);
    };
  }

  /// `message` without any of `secrets`. One that has a very short secret as a word of its own is
  /// not shown at all: a mask in its place would say where the word stood.
  static String hidden(String message, Set<String> secrets) {
    var shown = message;
    var longestFirst = new ArrayList<>(secrets);
    longestFirst.sort(Comparator.comparingInt(String::length).reversed());
    for (var secret : longestFirst) {
      if (secret.length() >= LEAST_REPLACED) {
        shown = shown.replace(secret, MASK);
      } else if (Pattern.compile("(?<!\\w)" + Pattern.quote(secret) + "(?!\\w)")
          .matcher(shown)
          .find()) {
        return "these values do not go together; why is not shown, for it quotes a secret";
      }
    }
    return shown;
  }

  private static void collect(Tree tree, Spec<?> spec, Set<String> found) {
    if (!(tree instanceof Tree.Mapping mapping)) {
      collectUndescribed(tree, false, found);
      return;
    }
    for (var key : spec.keys()) {
      var value = mapping.get(key.name());
      if (value != null) {
        collect(value, key.reader(), key.secret(), found);
      }
    }
  }

  private static void collect(Tree tree, KeyType type, boolean secret, Set<String> found) {
    switch (type) {
      case KeyType.Nested nested when !secret -> collect(tree, Spec.of(nested.type()), found);
      case KeyType.Many many when tree instanceof Tree.Sequence sequence ->
          sequence.items().forEach(item -> collect(item, many.item(), secret, found));
      case KeyType.Named named when tree instanceof Tree.Mapping mapping ->
          mapping
              .entries()
              .forEach(
                  (key, value) ->
                      collect(value, named.value(), secret || soundsSecret(key), found));
      default -> collectUndescribed(tree, secret, found);
    }
  }

  private static void collectUndescribed(Tree tree, boolean secret, Set<String> found) {
    switch (tree) {
      case Tree.Mapping mapping ->
          mapping
              .entries()
              .forEach(
                  (key, value) -> collectUndescribed(value, secret || soundsSecret(key), found));
      case Tree.Sequence sequence ->
          sequence.items().forEach(item -> collectUndescribed(item, secret, found));
      case Tree.Scalar(var location, var value, var origin) -> {
        if (value != null && (secret || origin == Tree.Scalar.Origin.SECRET)) {
          found.add(value.toString());
        }
      }
    }
  }

  /// The user of `user:password`; all of it where there is no password, for then it is a token.
  private static String shownUser(
      @org.jspecify.annotations.Nullable String information,
      @org.jspecify.annotations.Nullable String user) {
    var name =
        information == null
            ? user
            : information.contains(":") ? information.substring(0, information.indexOf(':')) : null;
    return name == null ? MASK : name + ":" + MASK;
  }
}
