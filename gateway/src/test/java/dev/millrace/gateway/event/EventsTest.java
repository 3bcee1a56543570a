package dev.millrace.gateway.event;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class EventsTest {
  private final FakeClock clock = new FakeClock();
  private final ListAppender<ILoggingEvent> records = new ListAppender<>();

  @BeforeEach
  void listen() {
    records.start();
    logger().setLevel(Level.INFO);
    logger().setAdditive(false);
    logger().addAppender(records);
  }

  @AfterEach
  void stop() {
    logger().detachAppender(records);
    logger().setLevel(null);
    logger().setAdditive(true);
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(Kills.class.getPackageName());
  }

  private static Map<String, String> keys(ILoggingEvent record) {
    return record.getKeyValuePairs().stream()
        .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value)));
  }

  @Test
  void aKillIsARecordAndASignal() throws InterruptedException {
    var heard = new LinkedBlockingQueue<Killed>();
    try (var bus = new SignalBus(16, clock, new Metrics())) {
      bus.subscribe("test", Killed.class, heard::add, Duration.ofSeconds(1), () -> {});
      new Kills(bus).killed("client", "ws_1_2", Kills.BACKPRESSURE, "too far behind");
      assertThat(heard.poll(10, TimeUnit.SECONDS))
          .isEqualTo(new Killed("client", "ws_1_2", "BackpressureOverflow", "too far behind"));
    }
    assertThat(List.copyOf(records.list))
        .singleElement()
        .satisfies(
            record ->
                assertThat(keys(record))
                    .containsEntry("event", "kill")
                    .containsEntry("kind", "client")
                    .containsEntry("id", "ws_1_2")
                    .containsEntry("reason", "BackpressureOverflow")
                    .containsEntry("detail", "too far behind"));
  }

  @Test
  void aFloodOfRejectsIsAFewRecordsThatCountTheRest() {
    var rejects = new Rejects(clock);
    for (int i = 0; i < 1_000; i++) {
      rejects.rejected("wse", "Unauthorized", "Token expired", "192.0.2.7");
    }
    assertThat(records.list).hasSize(50);
    assertThat(keys(records.list.getFirst()))
        .containsEntry("event", "reject")
        .containsEntry("kind", "wse")
        .containsEntry("reason", "Unauthorized")
        .containsEntry("address", "192.0.2.7");
    clock.advance(Duration.ofSeconds(1));
    rejects.rejected("wse", "Unauthorized", "Token expired", "192.0.2.7");
    assertThat(keys(records.list.getLast())).containsEntry("suppressed", "950");
  }
}
