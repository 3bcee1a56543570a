package dev.millrace.connect.redis;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.ByteSize;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Secret;
import dev.millrace.core.spec.SecretFiles;
import dev.millrace.core.spec.Spec;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// The section `cluster`: the Redis that instances share, and what they share through it.
public record ClusterSpec(
    @About("The Redis that instances share.") RedisSpec redis,
    @About("How publications reach the other instances.") BrokerSpec broker,
    @About(
            "An instance that gave no sign of life for so long counts as gone, and its users with"
                + " it. Signs of life are given three times as often. The same on all instances.")
        @OnRestart
        @Default("15s")
        @Range(min = 1, max = 600)
        Duration instanceTimeout) {

  /// How a publication travels.
  public enum Mode {
    /// Within this process only.
    NONE,
    /// On channels `wse:<topic>`, which other servers of the bus understand too.
    PUBSUB,
    /// On streams that give each message its place, the same on every instance.
    STREAMS
  }

  /// Where Redis is.
  public record RedisSpec(
      @About(
              "redis://[user:password@]host[:port][/database], or rediss:// for TLS. A password"
                  + " makes it a secret: url_file names a file that holds it.")
          @OnRestart
          @Secret
          @Nullable String url,
      @About("How long connecting may take.") @OnRestart @Default("5s") @Range(min = 0.1, max = 60)
          Duration connectTimeout,
      @About("How long one command may take before it counts as failed.")
          @OnRestart
          @Default("2s")
          @Range(min = 0.05, max = 60)
          Duration commandTimeout) {

    public RedisSpec {
      var why = url == null || url.isEmpty() || isUnreadable(url) ? null : objection(url);
      if (why != null) {
        throw new IllegalArgumentException(
            "cluster.redis.url is no address of a Redis: "
                + why
                + "; it looks like redis://host:6379 or rediss://user:password@host:6379/0, with"
                + " what is special in a password written as %40");
      }
    }

    /// Why it is no address, or null. Never shows a part of it: the password may be anywhere.
    private static @Nullable String objection(String url) {
      URI uri;
      try {
        uri = new URI(url);
      } catch (URISyntaxException wrong) {
        return "it cannot be read"; // the exception's own words would show the password
      }
      var scheme = uri.getScheme();
      if (!"redis".equals(scheme) && !"rediss".equals(scheme)) {
        return "it does not begin with redis:// or rediss://";
      }
      if (uri.getHost() == null) {
        return "it names no host, or a port that is no number";
      }
      if (uri.getPort() == 0 || uri.getPort() > 65_535) {
        return "its port is not one from 1 to 65535";
      }
      var path = uri.getPath();
      boolean named = path != null && !path.isEmpty() && !path.equals("/");
      return named && !path.matches("/[0-9]{1,5}")
          ? "what follows the host is not the number of a database"
          : null;
    }

    /// Whether there is something to connect to, or at least an error already.
    private boolean isGiven() {
      return url != null && !url.isEmpty();
    }

    private static boolean isUnreadable(String url) {
      return url.equals(SecretFiles.UNREADABLE);
    }

    /// Without the password.
    @Override
    public String toString() {
      return "RedisSpec[url=***, connectTimeout="
          + connectTimeout
          + ", commandTimeout="
          + commandTimeout
          + "]";
    }
  }

  /// The broker and its limits.
  public record BrokerSpec(
      @About(
              "none: every publication stays in this process. pubsub: instances share what is"
                  + " published; recovery on the same instance. streams: Redis also keeps the"
                  + " messages, and gives each its offset.")
          @OnRestart
          @Default("none")
          Mode mode,
      @About("Messages that may wait to be sent before publishers are told to wait.")
          @OnRestart
          @Default("65536")
          @Range(min = 64, max = 1 << 22)
          int queueMessages,
      @About("Bytes that may wait to be sent before publishers are told to wait.")
          @OnRestart
          @Default("64MiB")
          @Range(min = 1 << 20, max = 1L << 34)
          ByteSize queueBytes,
      @About("Messages sent that have not come back yet; further ones wait.")
          @OnRestart
          @Default("8192")
          @Range(min = 64, max = 65_536)
          int maxInFlight,
      @About("Messages received and not yet delivered; further ones are dropped and counted.")
          @OnRestart
          @Default("131072")
          @Range(min = 1_024, max = 1 << 22)
          int inboundMessages,
      @About(
              "A message that was sent and has not come back for so long is delivered here all the"
                  + " same.")
          @OnRestart
          @Default("5s")
          @Range(min = 0.1, max = 300)
          Duration echoTimeout,
      @About("After 10 failures in a row Redis is left alone for so long.")
          @OnRestart
          @Default("60s")
          @Range(min = 0.1, max = 3_600)
          Duration breakerPause,
      @About("With streams: messages kept per topic, or a few more.")
          @OnRestart
          @Default("10000")
          @Range(min = 1, max = 10_000_000)
          int streamMaxLength,
      @About("With streams: a topic to which nothing was published for so long is forgotten.")
          @OnRestart
          @Default("1d")
          @Range(min = 1, max = 31_536_000)
          Duration streamMaxAge) {}

  public ClusterSpec {
    if (broker.mode() != Mode.NONE && !redis.isGiven()) {
      throw new IllegalArgumentException(
          "cluster.broker.mode is "
              + broker.mode().name().toLowerCase(Locale.ROOT)
              + (redis.url() == null ? " and there is no " : " and there is nothing in ")
              + "cluster.redis.url; write redis://host:6379 there, name a file that holds it in"
              + " cluster.redis.url_file, or set cluster.broker.mode to none");
    }
  }

  public static ClusterSpec defaults() {
    return Spec.of(ClusterSpec.class).defaults();
  }
}
