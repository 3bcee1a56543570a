package dev.millrace.gateway.limit;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A bounded map that keeps what was used lately: a young and an old generation. What is used moves
/// to the young one; when that is full or [#turn] is called, it becomes the old one and what was
/// old is forgotten. Holds at most twice `generationLimit` entries, and a few more under
/// contention. Safe from any thread, without a lock of its own.
public final class RecentMap<K, V> {
  private record Generations<K, V>(ConcurrentHashMap<K, V> young, ConcurrentHashMap<K, V> old) {}

  private final int generationLimit;
  private final AtomicReference<Generations<K, V>> generations; // whoever finds it full swaps it

  public RecentMap(int generationLimit) {
    if (generationLimit < 1) {
      throw new IllegalArgumentException("generationLimit " + generationLimit + " < 1");
    }
    this.generationLimit = generationLimit;
    this.generations =
        new AtomicReference<>(
            new Generations<>(new ConcurrentHashMap<>(), new ConcurrentHashMap<>()));
  }

  /// The value, or null when it was never there or has been forgotten.
  public @Nullable V get(K key) {
    var now = generations.get();
    var young = now.young.get(key);
    if (young != null) {
      return young;
    }
    var old = now.old.get(key);
    if (old != null) {
      put(key, old);
    }
    return old;
  }

  /// The value, made when there is none.
  public V get(K key, Function<? super K, ? extends V> make) {
    var known = get(key);
    if (known != null) {
      return known;
    }
    var made = make.apply(key);
    var raced = roomy().young.putIfAbsent(key, made);
    return raced == null ? made : raced;
  }

  public void put(K key, V value) {
    roomy().young.put(key, value);
  }

  /// Forgets what was not used since the last turn.
  public void turn() {
    turn(generations.get());
  }

  /// Entries now; a key that was moved counts twice until the next turn.
  public int size() {
    var now = generations.get();
    return now.young.size() + now.old.size();
  }

  private Generations<K, V> roomy() {
    var now = generations.get();
    if (now.young.size() >= generationLimit) {
      turn(now);
      now = generations.get();
    }
    return now;
  }

  private void turn(Generations<K, V> now) {
    generations.compareAndSet(now, new Generations<>(new ConcurrentHashMap<>(), now.young));
  }
}
