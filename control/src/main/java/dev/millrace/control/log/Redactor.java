package dev.millrace.control.log;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The last net under secrets: shows a foreign text cut at [Clipped#VISIBLE] characters, with every
/// secret it was told, and everything that looks like a credential, replaced by `***`.
///
/// One pass looks for all secrets, so their number costs nothing where none is found. Immutable;
/// safe from any thread.
final class Redactor {
  static final int MIN_SECRET_CHARS = 8; // shorter ones would mask ordinary words
  static final int MAX_SECRET_CHARS = 8_192;
  private static final int MAX_SECRETS = 16_384;
  private static final int LEAST_REACH = 1_024;
  private static final int BUCKETS = 16_384;
  private static final String MASK = "***";

  private final String[][] buckets = new String[BUCKETS][]; // by the first three characters
  private final int reach;

  private Redactor(Set<String> secrets) {
    int longest = LEAST_REACH;
    for (var secret : secrets) {
      int bucket = bucket(secret, 0);
      var others = buckets[bucket] == null ? new String[0] : buckets[bucket];
      buckets[bucket] = Arrays.copyOf(others, others.length + 1);
      buckets[bucket][others.length] = secret;
      longest = Math.max(longest, secret.length());
    }
    this.reach = longest;
  }

  /// Masks `secrets`, also as they stand in a URL, a query or a JSON string, and each line of one
  /// that has several, such as a private key. Those shorter than [#MIN_SECRET_CHARS] are left out;
  /// of those longer than [#MAX_SECRET_CHARS] the beginning counts.
  ///
  /// @throws IllegalArgumentException if there are more than 16,384 forms of secrets
  static Redactor of(Collection<String> secrets) {
    var forms = new LinkedHashSet<String>();
    for (var secret : secrets) {
      addForm(secret, forms);
      addForm(secret.strip(), forms);
      addForm(inUrl(secret), forms);
      addForm(inUrl(secret).replace("+", "%20"), forms);
      addForm(inJson(secret), forms);
      addLines(secret, forms);
    }
    if (forms.size() > MAX_SECRETS) {
      throw new IllegalArgumentException(
          forms.size() + " forms of secrets; at most " + MAX_SECRETS + " can be masked");
    }
    return new Redactor(forms);
  }

  /// Characters beyond the visible ones that a clipped text must keep, so that a secret across the
  /// edge is still known for one.
  int reach() {
    return reach;
  }

  /// What a log may show of `clipped`; `…(+N)` at its end stands for `N` characters left out.
  String visible(Clipped clipped) {
    var text = clipped.text();
    var spans = spans(text);
    int end = Clipped.cutPoint(text, Math.min(text.length(), Clipped.VISIBLE));
    if (spans.isEmpty() && end == clipped.length()) {
      return text;
    }
    var out = new StringBuilder(end + 16);
    int at = 0; // all before this is shown or masked
    for (var span : spans) {
      if (span.from >= end) {
        break;
      }
      if (span.to > at) {
        out.append(text, at, Math.max(at, span.from));
        if (span.from >= at) {
          out.append(MASK);
        }
        at = span.to;
      }
    }
    if (at < end) {
      out.append(text, at, end);
      at = end;
    }
    if (clipped.length() > at) {
      out.append("…(+").append(clipped.length() - at).append(')');
    }
    return out.toString();
  }

  /// The same for a field's value; nothing of it where its name says that it is a credential.
  String visible(LogRecord.Field field) {
    return !field.literal() && CredentialPatterns.isCredentialName(field.key())
        ? MASK
        : visible(field.value());
  }

  /// What a log may show of a field's key.
  String visibleKey(LogRecord.Field field) {
    var key = field.key();
    var shown = visible(new Clipped(key, key.length()));
    return shown.substring(
        0, Clipped.cutPoint(shown, Math.min(LogRecord.MAX_KEY_CHARS, shown.length())));
  }

  /// A part of a text that must not be shown.
  record Span(int from, int to) {}

  private List<Span> spans(String text) {
    var spans = new ArrayList<Span>(0);
    for (int at = 0; at + MIN_SECRET_CHARS <= text.length(); at++) {
      var candidates = buckets[bucket(text, at)];
      if (candidates != null) {
        for (var secret : candidates) {
          if (text.startsWith(secret, at)) {
            spans.add(new Span(at, at + secret.length()));
          }
        }
      }
    }
    CredentialPatterns.find(text, spans);
    spans.sort(Comparator.comparingInt(Span::from).thenComparingInt(Span::to));
    return spans;
  }

  private static int bucket(String text, int at) {
    int hash = (text.charAt(at) * 31 + text.charAt(at + 1)) * 31 + text.charAt(at + 2);
    return (hash ^ (hash >>> 12)) & (BUCKETS - 1);
  }

  private static void addForm(String secret, Set<String> forms) {
    if (secret.length() >= MIN_SECRET_CHARS) {
      forms.add(secret.substring(0, Math.min(secret.length(), MAX_SECRET_CHARS)));
    }
  }

  /// Whoever complains about such a secret quotes a line. Armour (RFC 7468) is no secret.
  private static void addLines(String secret, Set<String> forms) {
    secret
        .lines()
        .map(String::strip)
        .filter(line -> !line.startsWith("-----"))
        .forEach(line -> addForm(line, forms));
  }

  private static String inUrl(String secret) {
    return URLEncoder.encode(secret, StandardCharsets.UTF_8);
  }

  private static String inJson(String secret) {
    var out = new StringBuilder();
    Escapes.json(secret, out);
    return out.toString();
  }
}
