package dev.millrace.hub;

import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Secret;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The section `hub.webhooks`: programs that are asked over HTTP.
public record WebhooksSpec(
    @About("Asked before a caller gets a topic; what it does not allow is refused.") @OnRestart
        @Nullable Authorize authorize,
    @About("Asked for the present state of topics when a client of /wse wants a snapshot.")
        @OnRestart
        @Nullable Snapshot snapshot) {

  /// Asked with `{"user","role","action","topics"}`; answers `{"allow":["topic",…]}`.
  public record Authorize(
      @About("Where to ask.") String url,
      @About("How long an answer may take; without one the caller is refused.")
          @Default("2s")
          @Range(min = 0.01, max = 60)
          Duration timeout,
      @About("Signs what is asked; better in a file of its own: secret_file.") @Secret
          @Nullable String secret,
      @About("How long a yes is remembered.") @Default("60s") @Range(min = 0, max = 86_400)
          Duration allowCache,
      @About("How long a no is remembered.") @Default("10s") @Range(min = 0, max = 86_400)
          Duration denyCache,
      @About("Answers remembered, and up to as many again that came before them.")
          @Default("65536")
          @Range(min = 1, max = 10_000_000)
          int cacheEntries,
      @About("Questions under way at one time; beyond it callers are refused.")
          @Default("64")
          @Range(min = 1, max = 10_000)
          int maxConcurrent,
      @About("Failures in a row after which nobody is asked for a while.")
          @Default("5")
          @Range(min = 1, max = 1_000)
          int breakerFailures,
      @About("How long nobody is asked then.") @Default("10s") @Range(min = 0.1, max = 3_600)
          Duration breakerPause) {
    public Authorize {
      requireHttp("authorize", url);
    }

    /// Without the secret.
    @Override
    public String toString() {
      return "Authorize[timeout=" + timeout + "]";
    }
  }

  /// Asked with `{"user","topics"}`; answers `{"snapshots":[{"topic","type","payload"},…]}`.
  public record Snapshot(
      @About("Where to ask.") String url,
      @About("How long an answer may take; without one the client is told to ask again later.")
          @Default("5s")
          @Range(min = 0.01, max = 9)
          Duration timeout,
      @About("Signs what is asked; better in a file of its own: secret_file.") @Secret
          @Nullable String secret,
      @About(
              "Questions under way at one time; others wait their turn within the timeout, up to 64"
                  + " times as many.")
          @Default("64")
          @Range(min = 1, max = 10_000)
          int maxConcurrent,
      @About("Failures in a row after which nobody is asked for a while.")
          @Default("5")
          @Range(min = 1, max = 1_000)
          int breakerFailures,
      @About("How long nobody is asked then.") @Default("10s") @Range(min = 0.1, max = 3_600)
          Duration breakerPause) {
    public Snapshot {
      requireHttp("snapshot", url);
    }

    /// Without the secret.
    @Override
    public String toString() {
      return "Snapshot[timeout=" + timeout + "]";
    }
  }

  private static void requireHttp(String hook, String url) {
    if (!url.matches("(?i)https?://[^/@\\s]+(/\\S*)?")) {
      throw new IllegalArgumentException(
          "the url of " + hook + " must begin with http:// or https:// and hold no password");
    }
  }
}
