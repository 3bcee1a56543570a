package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyPathTest {
  private HubFixture fixture = new HubFixture(1);

  private void with(String... keys) {
    fixture = new HubFixture(1, keys);
  }

  @AfterEach
  void everythingIsGivenBack() {
    fixture.close();
  }

  private static final FrameFilter EVEN = frame -> number(frame) % 2 == 0;

  private static int number(FrameView frame) {
    return Integer.parseInt(HubFixture.text(frame));
  }

  private static String[] numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toArray(String[]::new);
  }

  private static void write(String text, ByteBuf out) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length).writeBytes(bytes);
  }

  /// Numbers the frames of one session.
  private static FrameRewriter numbering(AtomicInteger next) {
    return (frame, out) -> {
      write(next.getAndIncrement() + "=" + HubFixture.text(frame), out);
      return 1;
    };
  }

  @Test
  void aFilterKeepsWhatItWantsAndCountsOnlyThat() {
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(EVEN));
    var other = fixture.client().subscribe("n");
    fixture.publish("n", numbers(0, 6));
    assertThat(client.received).containsExactly("0", "2", "4");
    assertThat(other.received).hasSize(6);
    assertThat(client.transport.session().delivered()).isEqualTo(3);
    assertThat(fixture.hub.stats().deliveries()).isEqualTo(9);
  }

  @Test
  void aRewriterNumbersFramesInTheOrderOfTheSocketAcrossTopics() {
    var client = fixture.client().subscribe("a", "b");
    fixture.publish("a", "plain");
    client.in(session -> session.rewriteWith(numbering(new AtomicInteger(7))));
    fixture.publish("a", Priority.NORMAL, "one");
    fixture.publish("b", Priority.NORMAL, "two");
    fixture.publish("a", "three");
    assertThat(client.received).hasSize(4).first().isEqualTo("plain");
    assertThat(client.received.subList(1, 4))
        .allMatch(text -> text.matches("[789]=(one|two|three)"))
        .isSorted();
    client.takeReceived();
    client.in(session -> session.rewriteWith(null));
    fixture.publish("b", "plain again");
    assertThat(client.received).containsExactly("plain again");
  }

  @Test
  void aRewriterMayDropAndInsert() {
    FrameRewriter twiceOrNever =
        (frame, out) -> {
          if (number(frame) % 2 == 0) {
            return 0;
          }
          frame.copyTo(out);
          frame.copyTo(out);
          return 2;
        };
    var client = fixture.client().subscribe("n");
    client.in(session -> session.rewriteWith(twiceOrNever));
    fixture.publish("n", numbers(0, 4));
    assertThat(client.received).containsExactly("1", "1", "3", "3");
    assertThat(client.transport.session().delivered()).isEqualTo(4);
  }

  @Test
  void theViewSaysWhatTheIndexKnows() {
    var seen = new ArrayList<String>();
    FrameFilter looking =
        frame -> {
          var plain = frame.timestampAt() + " " + frame.type() + " " + frame.topic();
          seen.add(plain + " " + frame.offset() + " " + frame.priority());
          assertThat(frame.publishedMillis()).isEqualTo(fixture.clock.epochMillis());
          assertThat(frame.nowMillis()).isEqualTo(fixture.clock.epochMillis());
          assertThat(frame.epoch()).isEqualTo(fixture.hub.topics().getFirst().epoch());
          return false;
        };
    fixture.publish("n", "before anybody");
    fixture.client().subscribe(Wanted.all("n").filteredBy(looking));
    fixture.advanceMillis(5_000);
    fixture.publish("n", Priority.HIGH, "x");
    fixture.publish("n", "y");
    assertThat(seen).containsExactly("-1 1 n 2 HIGH", "-1 1 n 3 NORMAL");
  }

  @Test
  void offsetsSkipMessagesWithoutAFrame() {
    var offsets = new ArrayList<Long>();
    fixture.client().subscribe(Wanted.all("n").filteredBy(frame -> offsets.add(frame.offset())));
    var lost = Message.of("unencodable", new byte[] {'1'}, false, 0);
    var kept = Message.of("t", new byte[] {'2'}, false, 0);
    fixture.hub.publish("n", List.of(kept, lost, kept, kept, lost, kept));
    fixture.loops.run();
    assertThat(offsets).containsExactly(1L, 3L, 4L, 6L);
  }

  @Test
  void sessionsOfOneLoopReadAFrameOnceTogether() {
    var readings = new AtomicInteger();
    FrameReader<String> reader =
        frame -> {
          readings.incrementAndGet();
          return HubFixture.text(frame);
        };
    for (int i = 0; i < 10; i++) {
      fixture.client().subscribe(Wanted.all("n").filteredBy(f -> f.read(reader).equals("1")));
    }
    fixture.publish("n", numbers(0, 3));
    assertThat(readings).hasValue(3);
  }

  @Test
  void aFilterThatFailsMissesThatFrameAndIsCounted() {
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(EVEN));
    fixture.publish("n", "2", "no number", "4");
    assertThat(client.received).containsExactly("2", "4");
    assertThat(fixture.metrics.count(HubMetric.FAILED_FILTERS)).isEqualTo(1);
  }

  @Test
  void aRewriterThatFailsClosesItsSessionAndNoOther() {
    var client = fixture.client().subscribe("n");
    var other = fixture.client().subscribe("n");
    client.in(session -> session.rewriteWith((frame, out) -> number(frame)));
    fixture.publish("n", "0", "no number", "1");
    assertThat(client.transport.closeCode()).isEqualTo(1011);
    assertThat(other.received).hasSize(3);
    assertThat(fixture.metrics.count(HubMetric.CLOSED, "rewriter")).isEqualTo(1);
  }

  @Test
  void aJammedFilteredSessionLagsByWhatItWouldReceive() {
    with("jam_messages=4");
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(EVEN));
    client.transport.stopReading();
    fixture.publish("n", "0");
    fixture.publish("n", numbers(1, 9)); // four of them are even
    assertThat(fixture.hub.stats().leftOut()).isZero();
    fixture.publish("n", numbers(9, 13));
    assertThat(fixture.hub.stats().leftOut()).isEqualTo(2);
    client.readOn();
    assertThat(client.received).containsExactly("0", "6", "8", "10", "12");
  }

  @Test
  void aJammedSessionIsNotClosedForBytesItsFilterDrops() {
    with("max_lag=1024", "jam_messages=1000000");
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(EVEN));
    client.transport.stopReading();
    fixture.publish("n", "0");
    for (int i = 0; i < 1_000; i++) {
      fixture.publish("n", "1");
    }
    assertThat(client.transport.closeCode()).isZero();
    // What it passed over need not be kept: only the unfinished write is.
    assertThat(fixture.hub.stats().memoryBytes()).isLessThan(8 * 1024);
    fixture.publish("n", numbers(100, 1_100));
    assertThat(client.transport.closeCode()).isEqualTo(4503);
  }

  @Test
  void copiedBytesOfAnUnfinishedWriteCountAsMemory() {
    var client = fixture.client().subscribe("n");
    client.in(session -> session.rewriteWith(numbering(new AtomicInteger())));
    client.transport.stopReading();
    fixture.publish("n", "x".repeat(50_000));
    assertThat(fixture.hub.stats().memoryBytes()).isBetween(50_000L, 70_000L);
    client.readOn();
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
    assertThat(client.received).containsExactly("0=" + "x".repeat(50_000));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void copiesThatNobodyTakesStayWithinTheMemoryOfTheHub(boolean lagging) {
    with("memory=16MiB", "write_pass=1MiB", "max_lag=1GiB", "jam_messages=1000000");
    int pass = 1 << 20;
    var clients = new ArrayList<HubFixture.Client>();
    for (int i = 0; i < 60; i++) {
      var client = fixture.client().subscribe("n");
      client.in(session -> session.rewriteWith(numbering(new AtomicInteger())));
      clients.add(client);
    }
    clients.forEach(client -> client.in(session -> session.holdData(lagging)));
    clients.forEach(client -> client.transport.stopReading());
    fixture.publish("n", Priority.NORMAL, "x".repeat(900_000));
    clients.forEach(client -> client.loop.in(() -> client.transport.session().holdData(false)));
    for (int i = 0; i < 400; i++) {
      fixture.loops.loop(0).runOne();
      assertThat(fixture.hub.stats().memoryBytes()).isLessThan((16 << 20) + 2 * pass);
    }
    long open = clients.stream().filter(client -> client.transport.closeCode() == 0).count();
    assertThat(open).as("as many as there is memory for").isGreaterThan(10);
    clients.stream().filter(c -> c.transport.closeCode() == 0).forEach(HubFixture.Client::readOn);
    assertThat(clients)
        .filteredOn(client -> client.transport.closeCode() == 0)
        .allSatisfy(client -> assertThat(client.received).hasSize(1));
  }

  @Test
  void whoReadsGetsItsCopyHoweverManyOthersThereAre() {
    with("memory=16MiB", "write_pass=1MiB");
    var clients = new ArrayList<HubFixture.Client>();
    for (int i = 0; i < 100; i++) {
      var client = fixture.client().subscribe("n");
      client.in(session -> session.rewriteWith(numbering(new AtomicInteger())));
      clients.add(client);
    }
    fixture.publish("n", "x".repeat(900_000));
    assertThat(clients).allSatisfy(client -> assertThat(client.received).hasSize(1));
  }

  @Test
  void aSessionThatWaitedGetsFreshTimestampsUntilItHasCaughtUp() {
    with("write_pass=1024", "chunk_size=1024", "jam_messages=100000");
    var client = fixture.client().subscribe("n");
    FrameRewriter fresh =
        (frame, out) -> {
          write("fresh " + HubFixture.text(frame), out);
          return 1;
        };
    client.in(session -> session.refreshStaleWith(fresh));
    client.transport.stopReading();
    fixture.publish("n", "in flight", "waits");
    fixture.advanceMillis(700);
    client.readOn();
    assertThat(client.takeReceived()).containsExactly("in flight", "waits");

    client.transport.stopReading();
    fixture.publish("n", "in flight");
    fixture.publish("n", "old");
    fixture.advanceMillis(900);
    fixture.publish("n", "young");
    client.readOn();
    fixture.publish("n", "live");
    assertThat(client.received).containsExactly("in flight", "fresh old", "fresh young", "live");
  }

  @Test
  void oneTopicOfASessionMayBeFilteredAndAnotherShared() {
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(EVEN), Wanted.all("all"));
    fixture.publish("n", Priority.NORMAL, "1");
    fixture.publish("n", Priority.NORMAL, "2");
    fixture.publish("all", "1");
    assertThat(client.received).containsExactlyInAnyOrder("2", "1");
    assertThat(client.transport.flushes()).isEqualTo(1);
  }

  @Test
  void aFilterWithManyShortRunsDeliversAllOfThem() {
    var client = fixture.client().subscribe(Wanted.all("n").filteredBy(EVEN));
    var batch = new ArrayList<Message>();
    for (var text : numbers(0, 4_000)) {
      batch.add(Message.of("t", text.getBytes(StandardCharsets.UTF_8), false, 0));
    }
    fixture.hub.publish("n", batch);
    fixture.loops.run();
    assertThat(client.received).hasSize(2_000).endsWith("3998");
  }

  @Test
  void whatARewriterKeepsBackGoesOutAtTheEndOfTheWrite() {
    var kept = new ArrayList<String>();
    var collecting =
        new FrameRewriter() {
          @Override
          public int rewrite(FrameView frame, ByteBuf out) {
            kept.add(HubFixture.text(frame));
            return 1;
          }

          @Override
          public void complete(ByteBuf out) {
            write(String.join("+", kept), out);
            kept.clear();
          }
        };
    var client = fixture.client().subscribe("a", "b");
    client.in(session -> session.rewriteWith(collecting));
    fixture.publish("a", Priority.NORMAL, "1");
    fixture.publish("a", Priority.NORMAL, "2");
    fixture.publish("a", "3");
    fixture.publish("b", "4");
    assertThat(client.received).containsExactly("1+2+3", "4");
    client.transport.stopReading();
    fixture.publish("a", "5");
    fixture.publish("a", "6");
    fixture.publish("a", "7");
    client.readOn();
    assertThat(client.received).containsExactly("1+2+3", "4", "5", "6+7");
    assertThat(client.transport.session().delivered()).isEqualTo(7);
  }

  @Test
  void closingInTheMiddleOfATurnGivesBackWhatWasCopied() {
    var client = fixture.client().subscribe("a", "b");
    client.in(
        session ->
            session.rewriteWith(
                (frame, out) -> {
                  frame.copyTo(out);
                  client.transport.gone();
                  return 1;
                }));
    fixture.publish("a", Priority.NORMAL, "x");
    fixture.publish("b", "y");
    assertThat(client.received).isEmpty();
  }

  @Test
  void aViewOfAFrameOutsideAnyLogServesTests() {
    var frame = Unpooled.copiedBuffer("....12", StandardCharsets.UTF_8);
    var view =
        FrameView.of("t", frame, Priority.LOW, 2, new Stamp().set(9, 5, 0, 0), 1_750_000_000_000L);
    assertThat(view.read(FrameView::offset)).isEqualTo(5);
    assertThat(view.timestampAt()).isEqualTo(2);
    assertThat(EVEN.keeps(view)).isTrue();
  }

  // Conflation.

  private static final Wanted LATEST = Wanted.all("n").conflated(100);

  @Test
  void aConflatingSubscriptionGetsTheLatestOncePerInterval() {
    var client = fixture.client().subscribe(LATEST);
    fixture.publish("n", "1");
    assertThat(client.takeReceived()).containsExactly("1");
    fixture.publish("n", "2");
    fixture.advanceMillis(50);
    fixture.publish("n", "3");
    assertThat(client.received).isEmpty();
    fixture.advanceMillis(49);
    assertThat(client.received).isEmpty();
    fixture.advanceMillis(1);
    assertThat(client.takeReceived()).containsExactly("3");
    fixture.advanceMillis(500);
    assertThat(client.received).isEmpty();
    fixture.publish("n", "4");
    assertThat(client.takeReceived()).as("after a pause at once").containsExactly("4");
    assertThat(fixture.clock.pendingTimers()).isZero();
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
  }

  @Test
  void eachKeyIsConflatedByItself() {
    fixture.hub.readKeysWith(topic -> frame -> HubFixture.text(frame).charAt(0));
    var client = fixture.client().subscribe(LATEST);
    fixture.publish("n", "a0");
    client.takeReceived();
    fixture.publish("n", "b1", "a1", "b2", "c1", "a2", "c2", "a3");
    fixture.advanceMillis(100);
    assertThat(client.takeReceived()).containsExactly("b2", "c2", "a3");
    assertThat(client.transport.session().delivered()).isEqualTo(4);
  }

  @Test
  void aJammedConflatingSessionKeepsTheLatestAndNothingElse() {
    with("jam_messages=4", "max_lag=4096");
    var client = fixture.client().subscribe(LATEST);
    client.transport.stopReading();
    fixture.publish("n", "first");
    for (int i = 0; i < 2_000; i++) {
      fixture.publish("n", "x".repeat(50) + i);
    }
    assertThat(fixture.hub.stats().leftOut()).isZero();
    assertThat(fixture.hub.stats().memoryBytes()).isLessThan(8 * 1024);
    fixture.advanceMillis(100);
    client.readOn();
    assertThat(client.received).containsExactly("first", "x".repeat(50) + 1_999);
  }

  @Test
  void whoComesAndGoesDoesNotFillTheQueueOfThoseWhoWaitForTheirTime() {
    var client = fixture.client();
    var waiting = fixture.hub.ownerOf("n").copier().heldBack();
    for (int i = 0; i < 1_000; i++) {
      client.subscribe(Wanted.all("n").conflated(60_000));
      fixture.publish("n", "first");
      fixture.publish("n", "held back");
      assertThat(waiting.size()).isPositive();
      client.unsubscribe("n");
    }
    assertThat(waiting.size()).isLessThan(150);
    assertThat(client.received).hasSize(1_000).containsOnly("first");
    client.subscribe(Wanted.all("n").conflated(100));
    fixture.publish("n", "first");
    fixture.publish("n", "last");
    fixture.advanceMillis(60_000);
    assertThat(client.received).endsWith("first", "last");
    assertThat(waiting.size()).isZero();
  }

  @Test
  void conflationAndFilterTogetherTakeTheLatestThatIsKept() {
    var client = fixture.client().subscribe(LATEST.filteredBy(EVEN));
    fixture.publish("n", "1", "2");
    assertThat(client.takeReceived()).containsExactly("2");
    fixture.publish("n", "4", "6", "7");
    fixture.advanceMillis(100);
    assertThat(client.takeReceived()).containsExactly("6");
  }

  @Test
  void unsubscribingWhileHeldBackLeavesNothing() {
    var client = fixture.client().subscribe(LATEST);
    fixture.publish("n", "1");
    fixture.publish("n", "2");
    assertThat(client.unsubscribe("n")).isTrue();
    fixture.advanceMillis(200);
    assertThat(client.received).containsExactly("1");
  }
}
