package dev.millrace.gateway.acl;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Somebody besides the rules who decides about topics, and may take a while. Safe from any thread;
/// neither method waits.
public interface Authorizer {
  /// Lets everybody have everything.
  Authorizer NOBODY =
      new Authorizer() {
        @Override
        public Boolean remembered(Caller caller, Action action, String topic) {
          return Boolean.TRUE;
        }

        @Override
        public CompletableFuture<Set<String>> ask(
            Caller caller, Action action, List<String> topics) {
          return CompletableFuture.completedFuture(Set.copyOf(topics));
        }
      };

  /// What is known without asking, or null.
  @Nullable Boolean remembered(Caller caller, Action action, String topic);

  /// Those of `topics` that the caller may have. Never fails: without an answer it is none.
  CompletableFuture<Set<String>> ask(Caller caller, Action action, List<String> topics);
}
