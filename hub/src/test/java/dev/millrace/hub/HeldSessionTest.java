package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A session whose data have to wait.
class HeldSessionTest {
  private HubFixture fixture = new HubFixture(2);

  @AfterEach
  void everythingIsGivenBack() {
    fixture.close();
  }

  private static void answer(HubFixture.Client client, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    var frame = Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes);
    client.in(session -> assertThat(session.send(frame)).isTrue());
  }

  @Test
  void dataWaitAndAnswersDoNot() {
    var client = fixture.client().subscribe("n");
    var other = fixture.client().subscribe("n");
    client.in(session -> session.holdData(true));
    fixture.publish("n", "1", "2");
    answer(client, "answer");
    client.subscribe("later");
    fixture.publish("later", "3");
    assertThat(client.takeReceived()).containsExactly("answer");
    assertThat(client.transport.session().lagMessages()).isEqualTo(3);
    assertThat(other.received).containsExactly("1", "2");
    client.in(session -> session.holdData(false));
    assertThat(client.takeReceived()).containsExactlyInAnyOrder("1", "2", "3");
    fixture.publish("n", "4");
    assertThat(client.received).containsExactly("4");
  }

  @Test
  void aHeldSessionThatIsClosedLeavesNothing() {
    var client = fixture.client().subscribe("n");
    client.in(session -> session.holdData(true));
    fixture.publish("n", "1", "2");
    client.in(session -> session.close());
    assertThat(client.received).isEmpty();
    assertThat(fixture.hub.stats().memoryBytes()).isZero();
  }

  @Test
  void inAnyOrderOfHoldsWritesAndJamsNothingIsLostOrRepeated() {
    long seed = System.nanoTime();
    var random = new SplittableRandom(seed);
    fixture.close();
    fixture = new HubFixture(2, "write_pass=1024", "chunk_size=1024", "jam_messages=100000");
    var plain = fixture.client(0).subscribe("n");
    var copying = fixture.client(1).subscribe("n");
    FrameRewriter asItIs =
        (frame, out) -> {
          frame.copyTo(out);
          return 1;
        };
    copying.in(session -> session.rewriteWith(asItIs));
    var published = new ArrayList<String>();
    for (int step = 0; step < 3_000; step++) {
      var client = random.nextBoolean() ? plain : copying;
      switch (random.nextInt(6)) {
        case 0 -> client.in(session -> session.holdData(true));
        case 1 -> client.in(session -> session.holdData(false));
        case 2 -> client.transport.stopReading();
        case 3 -> client.readOn();
        default -> {
          var text = "x".repeat(random.nextInt(200)) + published.size();
          published.add(text);
          fixture.publish("n", text);
        }
      }
    }
    for (var client : List.of(plain, copying)) {
      client.in(session -> session.holdData(false));
      client.readOn();
      assertThat(client.received).as("seed %d", seed).isEqualTo(published);
    }
  }
}
