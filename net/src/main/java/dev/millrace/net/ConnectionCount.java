package dev.millrace.net;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How many connections of one kind clients have, in all and from each [ClientNetwork]. Those
/// without a connection are not held, so the map is as large as the number of connections at most.
/// All are counted, also while there is no limit per address: one may be set while they are open.
/// Safe from any thread.
final class ConnectionCount {

  /// Whether a connection may stay.
  enum Verdict {
    ADMITTED,
    OVER_LIMIT,
    OVER_LIMIT_OF_ADDRESS
  }

  private final AtomicInteger open = new AtomicInteger(); // every loop counts
  private final ConcurrentHashMap<InetAddress, Integer> perAddress = new ConcurrentHashMap<>();

  int open() {
    return open.get();
  }

  /// Addresses with at least one connection.
  int addresses() {
    return perAddress.size();
  }

  /// Counts a connection in, unless `limit` or, other than 0, `limitPerAddress` is reached.
  /// `address` is null where a transport has none.
  Verdict admit(@Nullable InetAddress address, int limit, int limitPerAddress) {
    if (open.incrementAndGet() > limit) {
      open.decrementAndGet();
      return Verdict.OVER_LIMIT;
    }
    if (address == null) {
      return Verdict.ADMITTED;
    }
    int ofAddress = perAddress.merge(ClientNetwork.of(address), 1, Integer::sum);
    if (limitPerAddress > 0 && ofAddress > limitPerAddress) {
      leave(address);
      return Verdict.OVER_LIMIT_OF_ADDRESS;
    }
    return Verdict.ADMITTED;
  }

  /// Counts an admitted connection out.
  void leave(@Nullable InetAddress address) {
    open.decrementAndGet();
    if (address != null) {
      perAddress.computeIfPresent(
          ClientNetwork.of(address), (same, count) -> count == 1 ? null : count - 1);
    }
  }
}
