package dev.millrace.systemtest;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Configurations that are full of secrets, sound ones and wrong ones, in which every secret is
/// known by its beginning.
final class Canaries {
  /// Every secret begins with it, and nothing else in the world holds it.
  static final String MARK = "c4n4ry";

  static final String OPS = canary("ops");
  static final String READER = canary("reader");

  static final String FILE =
      """
      server: { port: 0 }
      logging: { level: trace }
      auth:
        failures_per_address: { refill_rate: 0 }
        tokens:
          - { name: ops, token: OPS, role: admin }
          - { name: reader, token: "${READER_TOKEN}", role: viewer }
          - { name: night, token_file: night.token, role: operator }
        jwt:
          secret: "${JWT_SECRET}"
          previous_secrets: [INLINE_PREVIOUS, "${PREVIOUS_SECRET}"]
          keys:
            - { kid: first, algorithm: HS256, secret: INLINE_KEY }
            - { kid: second, algorithm: HS256, secret: "${KEY_SECRET}" }
            - { kid: third, algorithm: HS256, secret_file: third.secret }
      hub:
        signing: { types: [trade], secret: "${SIGNING_SECRET}" }
        session_tokens:
          secret: "${SESSION_SECRET}"
          previous_secrets: [INLINE_SESSION, "${OLD_SESSION_SECRET}"]
        channel_tokens:
          key: "${CHANNEL_KEY}"
          previous_keys: [INLINE_CHANNEL, "${OLD_CHANNEL_KEY}"]
        webhooks:
          authorize: { url: "http://127.0.0.1:9/", secret: "${HOOK_SECRET}" }
          snapshot: { url: "http://127.0.0.1:9/", secret: "${STATE_SECRET}" }
      cluster:
        redis: { url: "${REDIS_URL}" }
        broker: { mode: pubsub }
      """
          .replace("OPS", OPS)
          .replace("INLINE_PREVIOUS", canary("inline-previous"))
          .replace("INLINE_KEY", canary("inline-key"))
          .replace("INLINE_SESSION", canary("inline-old-session"))
          .replace("INLINE_CHANNEL", fernet("inlineoldchannel"));

  /// The same with the keys that have a single value in other ways.
  static final String SECRET_INLINE =
      FILE.replace("\"${JWT_SECRET}\"", canary("inline-jwt"))
          .replace("\"${HOOK_SECRET}\"", canary("inline-hook"))
          .replace("\"${STATE_SECRET}\"", canary("inline-state"))
          .replace("\"${SIGNING_SECRET}\"", canary("inline-signing"))
          .replace("\"${SESSION_SECRET}\"", canary("inline-session"))
          .replace("\"${CHANNEL_KEY}\"", fernet("inlinechannel"))
          .replace("\"${REDIS_URL}\"", "\"" + redisAt("inline-redis") + "\"");

  static final String SECRET_IN_FILE =
      FILE.replace("secret: \"${JWT_SECRET}\"", "secret_file: jwt.secret")
          .replace("secret: \"${HOOK_SECRET}\"", "secret_file: hook.secret")
          .replace("secret: \"${STATE_SECRET}\"", "secret_file: hook.secret")
          .replace("secret: \"${SIGNING_SECRET}\"", "secret_file: signing.secret")
          .replace("secret: \"${SESSION_SECRET}\"", "secret_file: session.secret")
          .replace("key: \"${CHANNEL_KEY}\"", "key_file: channel.key")
          .replace("url: \"${REDIS_URL}\"", "url_file: redis.url");

  static final String PIPELINES =
      """
      pipelines:
        - name: upstream
          graph:
            nodes:
              - id: firehose
                type: Jetstream
                config:
                  hosts: ["ws://127.0.0.1:9/subscribe"]
                  api_key: UNKNOWN_KEY
                  proxy: "http://guest:IN_URL@127.0.0.1:9/"
              - { id: out, type: Publish, config: { topic: events, type: event } }
            connections:
              - { from: firehose, to: out }
      """
          .replace("IN_URL", canary("in-url"))
          .replace("UNKNOWN_KEY", canary("unknown-key"));

  static final Map<String, String> VARIABLES =
      Map.ofEntries(
          Map.entry("READER_TOKEN", READER),
          Map.entry("JWT_SECRET", canary("jwt")),
          Map.entry("PREVIOUS_SECRET", canary("previous")),
          Map.entry("KEY_SECRET", canary("key")),
          Map.entry("HOOK_SECRET", canary("hook")),
          Map.entry("STATE_SECRET", canary("state")),
          Map.entry("SIGNING_SECRET", canary("signing")),
          Map.entry("SESSION_SECRET", canary("session")),
          Map.entry("OLD_SESSION_SECRET", canary("old-session")),
          Map.entry("CHANNEL_KEY", fernet("channel")),
          Map.entry("OLD_CHANNEL_KEY", fernet("oldchannel")),
          Map.entry("REDIS_URL", redisAt("redis")),
          Map.entry("PORT", canary("port")));

  /// What stands outside of the file, by key.
  private static final Map<String, String> OUTSIDE =
      Map.ofEntries(
          Map.entry(
              "auth.tokens",
              "[{name: ops, token: OPS, role: admin}, {name: reader, token: READER, role:"
                  + " viewer}]"),
          Map.entry("auth.jwt.secret", canary("secret")),
          Map.entry("auth.jwt.previous_secrets", canary("one") + "," + canary("two")),
          Map.entry("auth.jwt.keys", "[{kid: a, algorithm: HS256, secret: " + canary("kid") + "}]"),
          Map.entry("hub.signing.secret", canary("sign")),
          Map.entry("hub.session_tokens.secret", canary("sessions")),
          Map.entry("hub.session_tokens.previous_secrets", canary("former-sessions")),
          Map.entry("hub.channel_tokens.key", fernet("outside")),
          Map.entry("hub.channel_tokens.previous_keys", fernet("formeroutside")),
          Map.entry(
              "hub.webhooks.authorize",
              "{url: \"http://127.0.0.1:9/\", secret: " + canary("ask") + "}"),
          Map.entry(
              "hub.webhooks.snapshot",
              "{url: \"http://127.0.0.1:9/\", secret: " + canary("tell") + "}"),
          Map.entry("cluster.redis.url", redisAt("outside-redis")));

  /// Files that are wrong, with a secret in them.
  static final List<String> BROKEN =
      List.of(
          "auth: { tokens: [ { name: x, token: [SECRET], role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: { SECRET: SECRET }, role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, role: amdin } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, role: [admin] } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, role: admin }, { name: y, token: SECRET,"
              + " role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: \"SECRET with blanks\", role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: c4n4ry, role: admin } ] }\n",
          "auth: { tokens: [ { name: x, token: SECRET, token_file: night.token, role: admin } ]"
              + " }\n",
          "auth: { tokens: [ { name: x, token_file: two-lines.token, role: admin } ] }\n",
          "auth: { tokens: SECRET }\n",
          "auth: { tokens: [ SECRET ] }\n",
          "auth: { tokens: { x: SECRET } }\n",
          "auth:\n  tokens:\n    - { name: x, token: SECRET",
          "auth:\n  tokens:\n    - name: x\n      token: SECRET: more\n",
          "auth:\n  tokens:\n    - name: x\n      token: \"SECRET\n",
          "auth:\n  jwt:\n    secret: SECRET\n    secret: SECRET\n",
          "auth:\n  jwt:\n    secret: SECRET\n   issuer: x\n",
          "auth:\n  jwt:\n    secret: SECRET\n\tissuer: x\n",
          "auth: { jwt: { secret: c4n4ry } }\n",
          "auth: { jwt: { secret: { SECRET: SECRET } } }\n",
          "auth: { jwt: { secret: *SECRET } }\n",
          "auth: { jwt: { secret: !SECRET SECRET } }\n",
          "auth: { jwt: { previous_secrets: { SECRET: SECRET } } }\n",
          "auth: { jwt: { previous_secrets: [ [ SECRET ], c4n4ry ] } }\n",
          "auth: { jwt: { keys: [ { kid: k, algorithm: RS256, secret: SECRET } ] } }\n",
          "auth: { jwt: { keys: [ { kid: k, algorithm: HS265, secret: SECRET } ] } }\n",
          "auth: { jwt: { keys: SECRET } }\n",
          "hub: { signing: { secret: c4n4ry } }\n",
          "hub: { signing: { types: [t], secret: [SECRET] } }\n",
          "hub: { session_tokens: { secret: SECRET, previous_secrets: [c4n4ry] } }\n",
          "hub: { channel_tokens: { key: SECRET } }\n",
          "hub: { channel_tokens: { previous_keys: [SECRET] } }\n",
          "cluster: { redis: { url: \"SECRET\" } }\n",
          "cluster: { redis: { url: \"redis://:SECRET@127.0.0.1:x/\" } }\n",
          "cluster: { redis: { url: \"redis://:SECRET@/\" } }\n",
          "strict_config: true\nauth: { jwt: { secert: SECRET } }\n",
          "server: { port: \"${PORT}\" }\n",
          "logging: { level: \"${PORT}\" }\n",
          "server: { listeners: [ { bind: \"${PORT}\" } ] }\n",
          PIPELINES.replace("ws://", "ws://guest:SECRET@"),
          PIPELINES.replace("/subscribe", "/sub scribe?api_key=SECRET"),
          PIPELINES.replace("ws://", "gopher://"),
          PIPELINES.replace("hosts: [", "hosts: [[").replace("\"]", "\"]]"),
          PIPELINES.replace("type: Jetstream", "type: Jetsteam"));

  private Canaries() {}

  static String canary(String where) {
    return MARK + "-" + where + "-0123456789abcdef0123456789abcdef";
  }

  /// A Fernet key, which is 43 characters of URL-safe base64 and one that fills it up.
  private static String fernet(String where) {
    var text = MARK + where;
    return text + "A".repeat(43 - text.length()) + "=";
  }

  /// Where nobody listens.
  private static String redisAt(String password) {
    return "redis://:" + canary(password) + "@127.0.0.1:9/0";
  }

  /// Writes the files that the configurations name.
  static void writeFiles(Path folder) {
    Graphs.write(folder.resolve("redis.url"), redisAt("redis-file") + "\n");
    Graphs.write(folder.resolve("night.token"), canary("night") + "\n");
    Graphs.write(folder.resolve("third.secret"), canary("third") + "\n");
    Graphs.write(folder.resolve("jwt.secret"), canary("jwt-file") + "\n");
    Graphs.write(folder.resolve("hook.secret"), canary("hook-file") + "\n");
    Graphs.write(folder.resolve("signing.secret"), canary("signing-file") + "\n");
    Graphs.write(folder.resolve("session.secret"), canary("session-file") + "\n");
    Graphs.write(folder.resolve("channel.key"), fernet("channelfile") + "\n");
    Graphs.write(folder.resolve("two-lines.token"), canary("two") + "\n" + canary("lines") + "\n");
  }

  /// The values with each secret made different, so that the environment's are not the options'.
  static Map<String, String> outside(String way) {
    var values = new TreeMap<String, String>();
    OUTSIDE.forEach(
        (key, value) ->
            values.put(
                key,
                value
                    .replace("OPS", OPS)
                    .replace("READER", READER)
                    .replace("abcdef0123456789abcdef", "abcdef0123456789abcdef-" + way)));
    return values;
  }
}
