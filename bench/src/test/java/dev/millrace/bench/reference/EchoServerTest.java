package dev.millrace.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.bench.load.TalkLoad;
import dev.millrace.bench.load.Target;
import dev.millrace.bench.load.VisitLoad;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EchoServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  @Test
  void whatClientsSendComesBackInOrder() throws Exception {
    var server = new EchoServer();
    try (var threads = Executors.newSingleThreadExecutor()) {
      var run =
          threads.submit(
              () -> {
                server.run();
                return null;
              });
      var target = Target.reference(URI.create("http://127.0.0.1:" + server.address().getPort()));

      try (var load = new TalkLoad(target, 5, 175, true, PATIENCE)) {
        var result = load.run(Duration.ofMillis(200), () -> Duration.ZERO);

        assertThat(result.sent()).isGreaterThan(1_000).isEqualTo(result.echoed());
        assertThat(result.repeated()).isBetween(result.sent() / 100 - 5, result.sent() / 100);
        assertThat(result.perSecond()).isPositive();
        assertThat(result.perServerCpuSecond()).isNaN();
      }
      server.stop();
      run.get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void sessionsComeToTheHubAndLeaveInOrder() throws Exception {
    var hub = new ReferenceHub(0, ReferenceHub.BACKLOG_LIMIT_BYTES);
    try (var threads = Executors.newSingleThreadExecutor()) {
      var run =
          threads.submit(
              () -> {
                hub.run();
                return null;
              });
      var target = Target.reference(URI.create("http://127.0.0.1:" + hub.address().getPort()));

      var result = VisitLoad.run(target, false, 300, PATIENCE, () -> Duration.ZERO);

      assertThat(result.visits()).isEqualTo(300);
      assertThat(result.perSecond()).isPositive();
      assertThatThrownBy(
              () -> VisitLoad.run(target, true, 1, Duration.ofMillis(100), () -> Duration.ZERO))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("0 of 1 sessions came");
      hub.stop();
      run.get(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void aMessageThatIsTooShortForAnIdIsRefused() {
    assertThatThrownBy(() -> TalkLoad.requireMessageBytes(10)).hasMessageContaining("of 10 bytes");
  }
}
