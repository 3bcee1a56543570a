package dev.millrace.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Every socket of some loops, listening ones too, so that stopping can close each of them. Netty
/// alone does not always: told to stop while a loop runs its tasks, with no quiet period, it ends
/// the loop and leaves what is open as it is, and nobody hears of the end. Safe from any thread.
final class OpenSockets {
  private final Set<Channel> open = ConcurrentHashMap.newKeySet(); // every loop adds and removes
  private final ChannelFutureListener forget = closed -> open.remove(closed.channel());

  /// Remembers a socket until it is closed, and returns it.
  <C extends Channel> C remember(C socket) {
    open.add(socket);
    socket.closeFuture().addListener(forget);
    return socket;
  }

  /// Closes the sockets of `loops`, each on its loop and after what that loop was told before.
  /// Returns when that is done, after `patience` at the latest.
  void closeAll(List<Loop> loops, Duration patience) {
    var done = new CountDownLatch(loops.size());
    for (var loop : loops) {
      loop.execute(
          () -> {
            open.stream()
                .filter(socket -> socket.isRegistered() && socket.eventLoop().equals(loop.events()))
                .toList() // closing removes
                .forEach(Closing::now);
            done.countDown();
          });
    }
    awaitUninterruptibly(done, patience);
  }

  private static void awaitUninterruptibly(CountDownLatch done, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    boolean interrupted = false;
    while (true) {
      try {
        // Whether they are all done or time is up, the loops are stopped next.
        boolean _ = done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        break;
      } catch (InterruptedException stop) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
