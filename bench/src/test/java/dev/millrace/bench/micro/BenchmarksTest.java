package dev.millrace.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.connect.jetstream.JetstreamEvent;
import org.junit.jupiter.api.Test;

class BenchmarksTest {

  @Test
  void everyTextIsClassifiedRightly() {
    var trained = new ClassifyBenchmark.Trained();
    var benchmark = new ClassifyBenchmark();
    for (int text = 0; text < 2_000; text++) {
      assertThat(benchmark.classifyText(trained).label()).isEqualTo("label" + text % 4);
    }
  }

  @Test
  void everyEventIsReadAndIsAsLongAsRealOnes() {
    var events = new JetstreamBenchmark.Events();
    var benchmark = new JetstreamBenchmark();
    for (int event = 0; event < 300; event++) {
      assertThat(events.next()).hasSizeBetween(500, 700);
      assertThat(benchmark.readEvent(events)).isInstanceOf(JetstreamEvent.class);
      assertThat(benchmark.jacksonTree(events).at("/kind").asString()).isEqualTo("commit");
    }
  }

  @Test
  void everyFrameIsOneEnvelope() {
    var lane = new WseBenchmark.Lane();
    var benchmark = new WseBenchmark();
    for (int frame = 0; frame < 3_000; frame++) {
      int encoded = benchmark.encodeFrame(lane);
      assertThat(lane.lastFrame()).contains("{\"t\":\"market.btc\",").endsWith(",\"v\":1}");
      assertThat(benchmark.copyFrame(lane)).isEqualTo(encoded);
      assertThat(lane.lastFrame()).endsWith(",\"v\":1}");
    }
    lane.release();
  }
}
