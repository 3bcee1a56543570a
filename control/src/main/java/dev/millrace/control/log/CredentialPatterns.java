package dev.millrace.control.log;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What credentials look like where nobody has told that they are some: bearer tokens and other
/// `Authorization` values, `access_token=…` and its kin in queries and in JSON, the password of a
/// URL, and JSON Web Tokens.
///
/// Each pattern takes time in proportion to the text, whatever it holds, and is only asked where
/// its cheap sign is there.
final class CredentialPatterns {
  private static final Set<String> NAMES =
      Set.of(
          "access_token",
          "api_key",
          "apikey",
          "client_secret",
          "id_token",
          "passwd",
          "password",
          "refresh_token",
          "secret",
          "token");

  private static final String ANY_NAME = "(?:" + String.join("|", NAMES) + ")";

  /// `scheme://user:password@`, RFC 3986, section 3.2.1.
  private static final Pattern URL_PASSWORD =
      Pattern.compile("://[^\\s/?#@:\"'<>]*:([^\\s/?#\"'<>]+)@");

  /// `scheme://token@`.
  private static final Pattern URL_TOKEN = Pattern.compile("://([^\\s/?#@:\"'<>]{8,})@");

  private static final Pattern AUTHORIZATION =
      Pattern.compile(
          "(?i)authorization[\"']?\\s{0,8}[:=]\\s{0,8}[\"']?"
              + "(?:(?:bearer|basic|digest|token|apikey|negotiate)\\s{1,8})?([^\\s\"',;]+)");

  /// RFC 6750, section 2.1. Shorter words after `bearer` are prose.
  private static final Pattern BEARER =
      Pattern.compile("(?i)\\bbearer\\s{1,8}[\"']?([\\w.~+/=-]{16,})");

  private static final Pattern PARAMETER =
      Pattern.compile("(?i)(?<![a-z])" + ANY_NAME + "=[\"']?([^\\s&\"',;)]+)");

  /// Up to the quote that opens the value.
  private static final Pattern JSON_FIELD =
      Pattern.compile("(?i)\"(?:authorization|" + ANY_NAME + ")\"\\s{0,8}:\\s{0,8}\"");

  /// RFC 7519, section 3.1: the header is `{"…`, which base64url writes as `eyJ…`.
  private static final Pattern WEB_TOKEN =
      Pattern.compile("(?<![\\w-])(eyJ[\\w-]{10,}(?:\\.[\\w-]*){0,2})");

  private CredentialPatterns() {}

  /// Whether the value of a field with this name is a credential whatever it looks like.
  static boolean isCredentialName(String field) {
    var name = field.toLowerCase(Locale.ROOT);
    return NAMES.contains(name) || name.equals("authorization");
  }

  /// Adds what looks like a credential in `text`.
  static void find(String text, List<Redactor.Span> spans) {
    if (text.contains("://")) {
      add(URL_PASSWORD, text, spans);
      add(URL_TOKEN, text, spans);
    }
    if (text.contains("uthorization") || text.contains("UTHORIZATION")) {
      add(AUTHORIZATION, text, spans);
    }
    if (text.contains("earer") || text.contains("EARER")) {
      add(BEARER, text, spans);
    }
    if (text.indexOf('=') >= 0) {
      add(PARAMETER, text, spans);
    }
    if (text.contains("eyJ")) {
      add(WEB_TOKEN, text, spans);
    }
    if (text.indexOf('"') >= 0) {
      addJsonValues(text, spans);
    }
  }

  private static void add(Pattern pattern, String text, List<Redactor.Span> spans) {
    var found = pattern.matcher(text);
    while (found.find()) {
      spans.add(new Redactor.Span(found.start(1), found.end(1)));
    }
  }

  private static void addJsonValues(String text, List<Redactor.Span> spans) {
    Matcher found = JSON_FIELD.matcher(text);
    int at = 0;
    while (found.find(at)) {
      at = endOfString(text, found.end());
      if (at > found.end()) {
        spans.add(new Redactor.Span(found.end(), at));
      }
    }
  }

  /// Where the JSON string ends that is open at `at`: at its closing quote or with the text.
  private static int endOfString(String text, int at) {
    int end = at;
    while (end < text.length() && text.charAt(end) != '"') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    return Math.min(end, text.length());
  }
}
