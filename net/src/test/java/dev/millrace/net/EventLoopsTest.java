package dev.millrace.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.net.websocket.WebSocketListener;
import dev.millrace.testkit.Await;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLoopsTest {
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void stoppingTellsEveryConnectionAlsoWhenItsLoopIsBusy(boolean epoll) throws Exception {
    try (var busy = new TestServer(NetSpec.DEFAULT, epoll)) {
      var endings = new ConcurrentLinkedQueue<String>();
      busy.sockets = connection -> new Ending(endings);
      var loop = busy.loops.loops().getFirst();
      try (var peer = busy.webSocket()) {
        var message = RawPeer.masked(0x81, "not all of it".getBytes(StandardCharsets.UTF_8));
        peer.send(Arrays.copyOf(message, message.length - 1));
        Await.until("a part is held", () -> loop.incompleteInput().usedBytes() > 0);
        var closer = Thread.ofPlatform().unstarted(busy.loops::close);
        // The loop goes on only when the closing thread has said all it has to say and waits.
        loop.execute(() -> Await.until("it waits", () -> isWaiting(closer)));
        closer.start();
        assertThat(closer.join(Duration.ofSeconds(20))).isTrue();
        assertThat(endings).containsExactly("1006 ");
        assertThat(loop.incompleteInput().usedBytes()).isZero();
        assertThat(busy.loops.openConnections()).isZero();
        assertThat(peer.atEnd()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void workThatWaitsForReadsLetsAMessageThatIsThereGoFirst(boolean epoll) throws Exception {
    try (var server = new TestServer(NetSpec.DEFAULT, epoll)) {
      var events = new ConcurrentLinkedQueue<String>();
      server.sockets = connection -> new Noting(events);
      var loop = server.loops.loops().getFirst();
      try (var peer = server.webSocket()) {
        loop.execute(
            () -> {
              send(peer);
              loop.execute(() -> events.add("at once"));
              loop.executeAfterReads(() -> events.add("after reads"));
            });
        Await.until("all has happened", () -> events.size() == 3);
        assertThat(events).containsExactly("at once", "message", "after reads");
      }
    }
  }

  private static void send(RawPeer peer) {
    try {
      peer.send(RawPeer.masked(0x81, "hello".getBytes(StandardCharsets.UTF_8)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  private record Noting(Queue<String> events) implements WebSocketListener {
    @Override
    public void message(boolean text, ByteBuf payload) {
      events.add("message");
    }

    @Override
    public void closed(int code, String reason) {}
  }

  private record Ending(Queue<String> endings) implements WebSocketListener {
    @Override
    public void message(boolean text, ByteBuf payload) {}

    @Override
    public void closed(int code, String reason) {
      endings.add(code + " " + reason);
    }
  }
}
