package dev.millrace.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.bench.websocket.FrameHeader;
import dev.millrace.bench.websocket.TestSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReferenceHubTest {
  private static final String KILOBYTE = "k".repeat(1_000);
  private static final long LIMIT_BYTES = 4 << 20;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final List<TestSocket> sockets = new ArrayList<>();
  private final ReferenceHub hub = started();
  private final Future<?> run = thread.submit(this::runHub);

  @AfterEach
  void stopHub() throws Exception {
    for (var socket : sockets) {
      socket.close();
    }
    hub.stop();
    run.get(10, TimeUnit.SECONDS);
    thread.shutdown();
  }

  @Test
  void everybodyReceivesWhatIsPublishedInOrder() throws IOException {
    var subscribers = List.of(subscriber(), subscriber(), subscriber());
    var publisher = publisher();

    publish(publisher, 0, 500, "");

    for (var subscriber : subscribers) {
      assertThat(subscriber.read(500)).isEqualTo(numbers(0, 500, ""));
    }
  }

  @Test
  void textStaysTextAndBinaryStaysBinary() throws IOException {
    var subscriber = subscriber();
    var publisher = publisher();

    publisher.sendFrame(FrameHeader.TEXT, "text");
    publisher.sendFrame(FrameHeader.BINARY, "binary");

    assertThat(subscriber.readFrame()).isEqualTo(new TestSocket.Received(FrameHeader.TEXT, "text"));
    assertThat(subscriber.readFrame())
        .isEqualTo(new TestSocket.Received(FrameHeader.BINARY, "binary"));
  }

  @Test
  void framesArriveWholeHoweverTheyWereCutUp() throws IOException {
    var subscriber = subscriber();
    var publisher = publisher();
    var frame = TestSocket.frame(FrameHeader.TEXT, "x".repeat(200));

    for (int cut = 1; cut < frame.limit(); cut++) {
      publisher.send(frame.slice(0, cut));
      publisher.send(frame.slice(cut, frame.limit() - cut));
    }

    assertThat(subscriber.read(frame.limit() - 1)).containsOnly("x".repeat(200));
  }

  @Test
  void aSlowReaderHoldsNobodyUpAndLosesNothing() throws IOException {
    var slow = subscriber();
    var fast = subscriber();
    var publisher = publisher();
    // More than socket buffers hold, so that the hub has to keep the rest.
    int rounds = 60;
    for (int round = 0; round < rounds; round++) {
      publish(publisher, round * 100, 100, KILOBYTE);
      assertThat(fast.read(100)).isEqualTo(numbers(round * 100, 100, KILOBYTE));
    }

    assertThat(slow.read(rounds * 100)).isEqualTo(numbers(0, rounds * 100, KILOBYTE));
  }

  @Test
  void aReaderThatLagsTooFarIsClosedAndTheOthersMissNothing() throws IOException {
    var stuck = subscriber();
    var fast = subscriber();
    var publisher = publisher();

    for (int round = 0; round < 160; round++) {
      publish(publisher, round * 100, 100, KILOBYTE);
      assertThat(fast.read(100)).isEqualTo(numbers(round * 100, 100, KILOBYTE));
    }

    assertThat(stuck.ends()).isTrue();
    assertThat(hub.losses()).startsWith("1 closed as too slow");
  }

  @Test
  void aSubscriberThatClosesIsAnsweredAndForgotten() throws IOException {
    var leaving = subscriber();
    var staying = subscriber();
    var publisher = publisher();

    leaving.sendFrame(FrameHeader.CLOSE, "\u0003é"); // any two bytes or more
    assertThat(leaving.readFrame().opcode()).isEqualTo(FrameHeader.CLOSE);
    assertThat(leaving.ends()).isTrue();
    publish(publisher, 0, 10, "");

    assertThat(staying.read(10)).isEqualTo(numbers(0, 10, ""));
  }

  @Test
  void aPingIsAnsweredWithItsOwnWords() throws IOException {
    var publisher = publisher();
    var subscriber = subscriber();

    publisher.sendFrame(FrameHeader.PING, "are you there");
    subscriber.sendFrame(FrameHeader.PING, "");
    subscriber.sendFrame(FrameHeader.PONG, "nobody asked");
    subscriber.sendFrame(FrameHeader.TEXT, "a subscriber has nothing to say");

    assertThat(publisher.readFrame())
        .isEqualTo(new TestSocket.Received(FrameHeader.PONG, "are you there"));
    assertThat(subscriber.readFrame()).isEqualTo(new TestSocket.Received(FrameHeader.PONG, ""));
    publish(publisher, 0, 1, "");
    assertThat(subscriber.read(1)).isEqualTo(numbers(0, 1, ""));
  }

  @Test
  void strangersAreRefusedAndTheOthersServed() throws IOException {
    var subscriber = subscriber();
    assertThat(answerTo("GET /elsewhere HTTP/1.1\r\nSec-WebSocket-Key: x\r\n\r\n"))
        .startsWith("HTTP/1.1 404 ");
    assertThat(answerTo("GET /sub HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    var endless = opened(TestSocket.raw(hub.address()));
    endless.send(ByteBuffer.wrap("y".repeat(9_000).getBytes(StandardCharsets.US_ASCII)));
    assertThat(endless.ends()).isTrue();
    var liar = publisher();
    liar.sendFrame(FrameHeader.TEXT, "0:");
    liar.send(ByteBuffer.wrap(new byte[] {0x01, 0x00})); // a fragment
    assertThat(liar.ends()).isTrue();

    assertThat(subscriber.read(1)).isEqualTo(numbers(0, 1, ""));
  }

  /// Joins, leaves, publishes and reads at random; whoever reads must see what a list says.
  @Test
  void whoeverJoinsReceivesEverythingFromThenOn() throws IOException {
    long seed = System.nanoTime();
    var random = new Random(seed);
    var publisher = publisher();
    Map<TestSocket, List<String>> owed = new HashMap<>();
    int published = 0;
    for (int step = 0; step < 3_000; step++) {
      var members = List.copyOf(owed.keySet());
      switch (random.nextInt(10)) {
        case 0 -> {
          if (members.size() < 20) {
            owed.put(subscriber(), new ArrayList<>());
          }
        }
        case 1 -> {
          if (members.size() > 2) {
            var leaving = members.get(random.nextInt(members.size()));
            owed.remove(leaving);
            leaving.close();
          }
        }
        case 2, 3, 4 -> {
          for (var member : owed.entrySet()) {
            assertThat(member.getKey().read(member.getValue().size()))
                .as("seed " + seed + ", step " + step)
                .isEqualTo(member.getValue());
            member.getValue().clear();
          }
        }
        default -> {
          int count = 1 + random.nextInt(20);
          var padding = "p".repeat(random.nextInt(400));
          publish(publisher, published, count, padding);
          var expected = numbers(published, count, padding);
          owed.values().forEach(list -> list.addAll(expected));
          published += count;
          // A ping's answer says that the hub has seen it all, so that the next to join does not.
          publisher.sendFrame(FrameHeader.PING, "");
          publisher.readFrame();
        }
      }
    }
  }

  private String answerTo(String request) throws IOException {
    var socket = opened(TestSocket.raw(hub.address()));
    socket.send(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    return socket.readHead();
  }

  private TestSocket subscriber() throws IOException {
    return opened(TestSocket.connected(hub.address(), "/sub"));
  }

  private TestSocket publisher() throws IOException {
    return opened(TestSocket.connected(hub.address(), "/pub"));
  }

  private TestSocket opened(TestSocket socket) {
    sockets.add(socket);
    return socket;
  }

  private static void publish(TestSocket publisher, int from, int count, String padding)
      throws IOException {
    for (var payload : numbers(from, count, padding)) {
      publisher.sendFrame(FrameHeader.TEXT, payload);
    }
  }

  private static List<String> numbers(int from, int count, String padding) {
    return IntStream.range(from, from + count).mapToObj(number -> number + ":" + padding).toList();
  }

  private static ReferenceHub started() {
    try {
      return new ReferenceHub(0, LIMIT_BYTES);
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private void runHub() {
    try {
      hub.run();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }
}
