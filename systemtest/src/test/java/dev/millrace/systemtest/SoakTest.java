package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// A graph of signals for a long time, while triggers come from outside, nodes fail and are
/// restarted, taps come and go, the graph is changed and frames are collected: nothing grows, and
/// every frame is accounted for. `-Dmillrace.soak.seconds` says how long.
@Isolated("it measures what a process holds")
@Tag("slow")
class SoakTest {
  private static final Duration LENGTH =
      Duration.ofSeconds(Long.getLong("millrace.soak.seconds", 600));
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int SAMPLES = 60; // over the whole time
  private static final double WARM_UP = 0.1; // of the time: caches and rings fill
  private static final double HEAP_TOLERANCE = 0.05;
  private static final int HANDLES_TOLERANCE =
      4; // threads and files that come and go with requests
  private static final Duration CHANGE_EVERY = Duration.ofSeconds(2);
  private static final int KEPT = 100; // frames

  /// A clock into a tone and noise, both joined, nodes that fail, a router, spectra that may be
  /// dropped; and an entry for triggers by hand. What differs from change to change is the gain,
  /// and whether something stands between it and what is kept.
  private static final String GRAPH =
      """
      {"pipeline_config":{"channel_capacity":32},
       "nodes":[
         {"id":"clock","type":"TriggerSource","config":{"interval_ms":5}},
         {"id":"tone","type":"SineGenerator","config":{"sample_rate":8000,"frame_size":200}},
         {"id":"noise","type":"Noise","config":{"channel":"noise","seed":7,"frame_size":200}},
         {"id":"lowpass","type":"Filter","config":{"channels":["noise"]}},
         {"id":"both","type":"Merge"},
         {"id":"again","type":"Fault","config":{"fail_every":50},"restart":"Immediate"},
         {"id":"skips","type":"Fault","config":{"fail_every":40},"error_policy":"SkipFrame"},
         {"id":"hand","type":"SineGenerator","config":{"frame_size":100}},
         {"id":"gain","type":"Gain","config":{"gain_db":GAIN}},
         {"id":"loud","type":"Router","config":{"metric":"rms","op":">","threshold":0.5}},
         {"id":"wave","type":"SamplesToJson"},
         {"id":"signals","type":"Publish","config":{"topic":"signals","type":"frame"}},
         {"id":"spectrum","type":"FFT","config":{"size":256}},
         {"id":"bins","type":"SamplesToJson"},
         {"id":"spectra","type":"Publish","config":{"topic":"spectrum","type":"spectrum"}},
         {"id":"quiet","type":"Collect","config":{"max_frames":100,"terminal":true}},
         BETWEEN
         {"id":"all","type":"Collect","config":{"max_frames":100,"terminal":true}}],
       "connections":[
         {"from":"clock","to":"tone"},{"from":"clock","to":"noise"},
         {"from":"noise","to":"lowpass"},
         {"from":"tone","to":"both"},{"from":"lowpass","to":"both"},
         {"from":"both","to":"again"},{"from":"again","to":"skips"},
         {"from":"skips","to":"gain"},{"from":"hand","to":"gain"},
         {"from":"gain","to":"loud"},
         {"from":"loud","to":"wave","branch":"true"},{"from":"wave","to":"signals"},
         {"from":"loud","to":"spectrum","branch":"true","strategy":"drop_oldest","capacity":8},
         {"from":"spectrum","to":"bins"},{"from":"bins","to":"spectra"},
         {"from":"loud","to":"quiet","branch":"false"},
         TO_ALL]}
      """;

  private final AtomicLong accepted = new AtomicLong(); // triggers by hand
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped; // written by the test
  private final AtomicLong taps = new AtomicLong(); // that were open

  @TempDir private Path folder;

  @Test
  void nothingGrowsAndEveryFrameIsAccountedFor() throws InterruptedException {
    Assumptions.assumeTrue(Vitals.canBeTaken(), "what a process holds is read from /proc");
    try (var process = MillraceProcess.start(folder, "run", "--set", "server.port=0")) {
      var address = process.awaitReady();
      var pipeline = PipelineClient.make(address, "soak", graph(0));
      pipeline.move("start");
      var helpers =
          List.of(thread("triggers", () -> trigger(pipeline)), thread("taps", () -> tap(pipeline)));
      List<Vitals> samples;
      try {
        samples = sample(process, pipeline);
      } finally {
        stopped = true;
      }
      for (var helper : helpers) {
        helper.join();
      }
      assertThat(failure.get()).isNull();
      pipeline.move("stop");
      var said = Exposition.of(address);
      report(samples, said);
      assertEveryFrameIsAccountedFor(said, accepted.get());
      assertThat(pipeline.collected("all")).hasSizeLessThanOrEqualTo(KEPT);
      assertFlat(samples);
      process.terminate();
      assertThat(process.awaitExit(PATIENCE)).as(process.err()).isZero();
    }
  }

  /// Changes the graph and looks at the process until the time is over.
  private List<Vitals> sample(MillraceProcess process, PipelineClient pipeline) {
    var samples = new ArrayList<Vitals>();
    long began = System.nanoTime();
    long warm = began + (long) (WARM_UP * LENGTH.toNanos());
    long step = (LENGTH.toNanos() - (warm - began)) / SAMPLES;
    long nextChange = began;
    int changes = 0;
    while (samples.size() < SAMPLES) {
      long due = Math.min(nextChange, warm + (samples.size() + 1) * step);
      Await.until(LENGTH, () -> System.nanoTime() >= due, () -> "time does not pass");
      assertThat(failure.get()).isNull();
      if (due == nextChange) {
        pipeline.change(graph(++changes));
        nextChange += CHANGE_EVERY.toNanos();
      } else {
        assertThat(pipeline.collected("quiet")).hasSizeLessThanOrEqualTo(KEPT);
        samples.add(Vitals.of(process.pid()));
      }
    }
    return samples;
  }

  private void trigger(PipelineClient pipeline) {
    while (!stopped) {
      var answer = pipeline.trigger("hand");
      // Between two runs of it a pipeline takes none.
      assertThat(answer.status()).as(answer.body()).isIn(202, 409, 429, 503);
      if (answer.status() == 202) {
        accepted.incrementAndGet();
      }
    }
  }

  private void tap(PipelineClient pipeline) {
    var places = List.of("gain", "clock->*", "*", "loud->spectrum");
    while (!stopped) {
      var place =
          places.get((int) (taps.get() % places.size())).replace(">", "%3E").replace("*", "%2A");
      var path = "/api/v1/pipelines/soak/tap?for=200ms&limit=50&pattern=" + place;
      var answer = Http.get(pipeline.address(), path);
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      taps.incrementAndGet();
    }
  }

  private static void assertEveryFrameIsAccountedFor(Exposition said, long accepted) {
    long ticks = said.sum("millrace_engine_node_frames_out_total", "node=\"clock\"");
    assertThat(ticks).isPositive();
    for (var node : List.of("tone", "noise", "lowpass", "again")) {
      assertThat(in(said, node)).as(node).isEqualTo(ticks);
    }
    assertThat(in(said, "both")).isEqualTo(2 * ticks);
    long skipped = said.sum("millrace_engine_node_skipped_total", "node=\"skips\"");
    assertThat(skipped).isPositive();
    assertThat(in(said, "skips") + skipped).isEqualTo(ticks);
    long retries = said.sum("millrace_engine_node_retries_total", "node=\"again\"");
    assertThat(retries)
        .isPositive()
        .isEqualTo(said.sum("millrace_engine_node_errors_total", "node=\"again\""));
    assertThat(in(said, "hand")).isEqualTo(accepted);
    assertThat(in(said, "gain")).isEqualTo(in(said, "skips") + in(said, "hand"));
    assertThat(in(said, "loud")).isEqualTo(in(said, "gain"));
    assertThat(in(said, "all")).isEqualTo(in(said, "gain"));
    assertThat(in(said, "wave") + in(said, "quiet")).isEqualTo(in(said, "loud"));
    assertThat(in(said, "signals")).isEqualTo(in(said, "wave"));
    long dropped = said.sum("millrace_engine_edge_dropped_frames_total", "to=\"spectrum\"");
    assertThat(in(said, "spectrum") + dropped).isEqualTo(in(said, "wave"));
    assertThat(in(said, "spectra")).isEqualTo(in(said, "spectrum"));
  }

  private static long in(Exposition said, String node) {
    return said.sum("millrace_engine_node_frames_in_total", "node=\"" + node + "\"");
  }

  private static void assertFlat(List<Vitals> samples) {
    int third = samples.size() / 3;
    var first = samples.subList(0, third);
    var last = samples.subList(samples.size() - third, samples.size());
    double heap = (double) Vitals.median(last, Vitals::heapBytes);
    heap /= Vitals.median(first, Vitals::heapBytes);
    assertThat(heap).as("%s", samples).isBetween(1 - HEAP_TOLERANCE, 1 + HEAP_TOLERANCE);
    long threads = Vitals.median(last, Vitals::threads) - Vitals.median(first, Vitals::threads);
    assertThat(threads).as("%s", samples).isLessThanOrEqualTo(HANDLES_TOLERANCE);
    long files = Vitals.median(last, Vitals::files) - Vitals.median(first, Vitals::files);
    assertThat(files).as("%s", samples).isLessThanOrEqualTo(HANDLES_TOLERANCE);
  }

  private Thread thread(String name, Runnable work) {
    return Thread.ofPlatform()
        .name("soak-" + name)
        .uncaughtExceptionHandler((thread, thrown) -> failure.compareAndSet(null, thrown))
        .start(work);
  }

  private static String graph(int change) {
    boolean between = change % 3 == 2;
    return GRAPH
        .replace("GAIN", change % 2 == 0 ? "-3" : "-20")
        .replace("BETWEEN", between ? "{\"id\":\"between\",\"type\":\"Gain\"}," : "")
        .replace(
            "TO_ALL",
            between
                ? "{\"from\":\"gain\",\"to\":\"between\"},{\"from\":\"between\",\"to\":\"all\"}"
                : "{\"from\":\"gain\",\"to\":\"all\"}");
  }

  @SuppressWarnings("SystemOut") // the figures are part of what this test is for
  private void report(List<Vitals> samples, Exposition said) {
    System.out.printf(
        Locale.ROOT,
        "soak of %d s: %,d frames, %,d triggers by hand, %,d taps, %,d samples%n",
        LENGTH.toSeconds(),
        in(said, "gain"),
        accepted.get(),
        taps.get(),
        samples.size());
    int third = samples.size() / 3;
    for (int i = 0; i < 3; i++) {
      var part = samples.subList(i * third, (i + 1) * third);
      System.out.printf(
          Locale.ROOT,
          "  third %d, medians: heap %,d bytes, %d threads, %d files%n",
          i + 1,
          Vitals.median(part, Vitals::heapBytes),
          Vitals.median(part, Vitals::threads),
          Vitals.median(part, Vitals::files));
    }
  }
}
