package dev.millrace.gateway.wse;

import dev.millrace.hub.UserShelf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A shelf of memory that several instances share in a test. Safe from any thread.
final class FakeShelf implements UserShelf {
  volatile boolean away;
  volatile boolean full;
  volatile int generation;
  private final Map<String, List<Spot>> held = new HashMap<>(); // by user; these: guarded by this
  private final Map<String, Deque<byte[]>> left = new HashMap<>();
  private final List<CompletableFuture<Taken>> waiting = new ArrayList<>();
  private boolean answers = true;

  @Override
  public @Nullable Place place(String user) {
    return full ? null : new Spot(user);
  }

  @Override
  public synchronized CompletionStage<Taken> take(String user) {
    if (away) {
      return CompletableFuture.failedFuture(new IllegalStateException("away"));
    }
    if (!answers) {
      var later = new CompletableFuture<Taken>();
      waiting.add(later);
      return later;
    }
    var own = left.getOrDefault(user, new ArrayDeque<>());
    return CompletableFuture.completedFuture(
        !own.isEmpty()
            ? new Taken.Found(own.pop())
            : held.getOrDefault(user, List.of()).isEmpty()
                ? new Taken.Nothing()
                : new Taken.InUse());
  }

  @Override
  public int generation() {
    return generation;
  }

  /// Whoever asks from now on waits for [#answer].
  synchronized void thinks() {
    answers = false;
  }

  synchronized void answer(Taken taken) {
    answers = true;
    waiting.forEach(one -> one.complete(taken));
    waiting.clear();
  }

  synchronized int asking() {
    return waiting.size();
  }

  /// What is held for users was left by an instance that died.
  synchronized void instanceDies() {
    held.forEach((user, spots) -> spots.forEach(one -> lay(user, one.what)));
    held.clear();
  }

  synchronized void lay(String user, byte[] what) {
    left.computeIfAbsent(user, name -> new ArrayDeque<>()).push(what);
  }

  /// What connections of a user would leave.
  synchronized List<String> held(String user) {
    return held.getOrDefault(user, List.of()).stream().map(one -> text(one.what)).toList();
  }

  synchronized List<String> left(String user) {
    return left.getOrDefault(user, new ArrayDeque<>()).stream().map(FakeShelf::text).toList();
  }

  private static String text(byte[] what) {
    return new String(what, StandardCharsets.UTF_8);
  }

  private final class Spot implements Place {
    private final String user;
    private byte[] what = new byte[0];

    Spot(String user) {
      this.user = user;
    }

    @Override
    public boolean hold(byte[] now, Terms terms) {
      synchronized (FakeShelf.this) {
        what = now;
        var own = held.computeIfAbsent(user, name -> new ArrayList<>());
        own.remove(this);
        return own.add(this);
      }
    }

    @Override
    public CompletionStage<?> leave(byte[] last, Terms terms) {
      clear();
      if (away) {
        return CompletableFuture.failedFuture(new IllegalStateException("away"));
      }
      lay(user, last);
      return CompletableFuture.completedFuture(true);
    }

    @Override
    public void clear() {
      synchronized (FakeShelf.this) {
        held.getOrDefault(user, new ArrayList<>()).remove(this);
      }
    }
  }
}
