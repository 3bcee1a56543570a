package dev.millrace.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.metric.Metrics;
import dev.millrace.core.time.FakeClock;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What a hub owes a broker that carries publications elsewhere and back.
class BrokerTest {
  private final SimulatedLoops loops = new SimulatedLoops(1);
  private final Elsewhere broker = new Elsewhere();
  private final Hub hub =
      new Hub(HubSpecs.with(), loops.all(), new FakeClock(), new Metrics(), broker);

  private static final class Elsewhere implements Broker {
    @Nullable Delivery back;
    boolean room = true;

    @Override
    public void attach(Delivery local) {
      back = local;
    }

    @Override
    public PublishOutcome publish(Publication publication, Delivery local) {
      return new PublishOutcome.Full();
    }

    @Override
    public boolean hasRoom() {
      return room;
    }

    PublishOutcome deliver(Publication publication) {
      return java.util.Objects.requireNonNull(back).deliver(publication);
    }
  }

  @Test
  void whatOthersPublishIsCheckedAndAppended() {
    var receipt = new CompletableFuture<Receipt>();
    assertThat(broker.deliver(new Publication("a", List.of(message("t")), receipt)))
        .isEqualTo(new PublishOutcome.Accepted(1));
    loops.run();
    assertThat(receipt.join()).isInstanceOf(Receipt.Appended.class);
    assertThat(broker.deliver(new Publication("a", List.of(message("")), null)))
        .isInstanceOf(PublishOutcome.Refused.class);
    assertThat(broker.deliver(new Publication("a*", List.of(message("t")), null)))
        .isInstanceOf(PublishOutcome.Refused.class);
  }

  @Test
  void anEmptyPublicationTellsWhereTheTopicIs() {
    broker.deliver(new Publication("a", List.of(message("t"), message("t")), null));
    var receipt = new CompletableFuture<Receipt>();
    broker.deliver(new Publication("a", List.of(), receipt));
    loops.run();
    assertThat(receipt.join())
        .isInstanceOfSatisfying(
            Receipt.Appended.class, appended -> assertThat(appended.lastOffset()).isEqualTo(2));
  }

  @Test
  void aBrokerWithoutRoomIsNotAskedAgainAtOnce() {
    assertThat(hub.publish("a", List.of(message("t")))).isEqualTo(new PublishOutcome.Full());
    broker.room = false;
    assertThat(hub.whenRoom("a", () -> {})).isFalse();
    broker.room = true;
    assertThat(hub.whenRoom("a", () -> {})).isTrue();
  }

  private static Message message(String type) {
    return Message.of(type, "{}".getBytes(StandardCharsets.UTF_8), true, 0);
  }
}
