package dev.millrace.engine.api;

import dev.millrace.core.frame.FrameJson;
import dev.millrace.core.json.Json;
import dev.millrace.core.route.BodyStream;
import dev.millrace.core.time.Clock;
import dev.millrace.engine.pipeline.Pipeline;
import dev.millrace.engine.tap.Tap;
import dev.millrace.engine.tap.TapEvent;
import dev.millrace.engine.tap.TapOptions;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;

/// What a tap shows, as lines of JSON that are made when somebody takes them. Meanwhile frames wait
/// in the tap's bounded queue, or are left out, which a line says. When the pipeline's run is
/// replaced by another one, it goes on there.
///
/// Confined to the thread that asks for the next part, but for [#close].
final class TapStream implements BodyStream {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1); // at what is watched
  private static final Duration SILENCE = Duration.ofSeconds(15); // then a line tells we are here
  private static final Duration REPLACEMENT = Duration.ofSeconds(60); // of a run, at most
  private static final int ENOUGH_BYTES = 64 << 10; // for one part

  private final Wish wish;
  private final Following following;
  private final Clock clock;
  private final long untilNanos;
  private final boolean limitedTime;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);
  private final CountDownLatch closed = new CountDownLatch(1);

  // Written by the thread that asks; whoever closes reads.
  private volatile Tap tap;

  private Pipeline pipeline;
  private List<String> places = List.of();
  private boolean begun;
  private boolean over;
  private long lookedNanos;
  private long spokenNanos;
  private long frames;
  private long dropped; // of former runs, and what cannot be written

  /// What is asked for; `time` is null for ever.
  record Wish(String pattern, TapOptions options, @Nullable Duration time) {}

  /// What there is to see after a run has ended.
  @FunctionalInterface
  interface Following {
    Next after(Pipeline ended);
  }

  sealed interface Next {
    record Run(Pipeline pipeline) implements Next {}

    /// It is being replaced; ask again.
    record Soon() implements Next {}

    record Nothing() implements Next {}
  }

  /// @throws IllegalStateException if too many taps are open on the pipeline
  TapStream(Pipeline pipeline, Wish wish, Following following, Clock clock) {
    this.pipeline = pipeline;
    this.wish = wish;
    this.following = following;
    this.clock = clock;
    this.tap = pipeline.tap(wish.pattern(), wish.options());
    this.spokenNanos = clock.nanoTime();
    this.limitedTime = wish.time() != null;
    this.untilNanos = wish.time() == null ? 0 : spokenNanos + wish.time().toNanos();
  }

  @Override
  public byte @Nullable [] next() throws InterruptedException {
    if (over) {
      return null;
    }
    var out = new ByteArrayOutputStream(1_024);
    look(out);
    while (out.size() == 0) {
      var event = tap.poll(patience());
      if (event != null) {
        write(event, out);
        fill(out);
      } else {
        rest(out);
      }
    }
    spokenNanos = clock.nanoTime();
    return out.toByteArray();
  }

  @Override
  public void close() {
    closed.countDown();
    var ended = tap;
    ended.end();
    // Taps of large graphs are not taken off in no time, and this may be an event loop.
    Thread.startVirtualThread(ended::close);
  }

  private Duration patience() {
    if (!limitedTime) {
      return BETWEEN_LOOKS;
    }
    var left = Duration.ofNanos(Math.max(0, untilNanos - clock.nanoTime()));
    return left.compareTo(BETWEEN_LOOKS) < 0 ? left : BETWEEN_LOOKS;
  }

  private void fill(ByteArrayOutputStream out) {
    while (out.size() < ENOUGH_BYTES && !timeIsOver()) {
      var event = tap.take();
      if (event == null) {
        return;
      }
      write(event, out);
    }
  }

  /// No frame has come.
  private void rest(ByteArrayOutputStream out) throws InterruptedException {
    if (closed.getCount() == 0) {
      end("closed", out);
    } else if (timeIsOver()) {
      end("time", out);
    } else if (!tap.ended()) {
      look(out);
    } else if (frames == wish.options().limit() && frames > 0) {
      end("limit", out);
    } else if (!goOn()) {
      end(closed.getCount() == 0 ? "closed" : "pipeline", out);
    }
  }

  private boolean timeIsOver() {
    return limitedTime && clock.nanoTime() - untilNanos >= 0;
  }

  /// Whether there is another run to look at.
  private boolean goOn() throws InterruptedException {
    long patient = clock.nanoTime() + REPLACEMENT.toNanos();
    while (clock.nanoTime() - patient < 0 && !timeIsOver()) {
      switch (following.after(pipeline)) {
        case Next.Run(var next) -> {
          return goOn(next);
        }
        case Next.Nothing() -> {
          return false;
        }
        case Next.Soon() -> {
          if (closed.await(20, TimeUnit.MILLISECONDS)) {
            return false;
          }
        }
      }
    }
    return timeIsOver(); // which is found out when nothing comes
  }

  private boolean goOn(Pipeline next) {
    var limit = wish.options().limit();
    var options = limit == 0 ? wish.options() : wish.options().withLimit(limit - frames);
    try {
      dropped += tap.missed();
      pipeline = next;
      tap = next.tap(wish.pattern(), options);
    } catch (IllegalStateException full) {
      return false;
    }
    if (closed.getCount() == 0) {
      tap.close(); // whoever closes may have seen the one before
    }
    lookedNanos = clock.nanoTime() - BETWEEN_LOOKS.toNanos();
    return true;
  }

  /// Tells what is watched if that is news, or if nothing was said for long.
  private void look(ByteArrayOutputStream out) {
    long now = clock.nanoTime();
    if (begun && now - lookedNanos < BETWEEN_LOOKS.toNanos()) {
      return;
    }
    lookedNanos = now;
    var watched = tap.places();
    boolean silent = now - spokenNanos >= SILENCE.toNanos();
    if (!begun || silent || (!watched.equals(places) && !tap.ended())) {
      begun = true;
      places = watched;
      put(
          out,
          json -> {
            json.writeArrayPropertyStart("places");
            watched.forEach(json::writeString);
            json.writeEndArray();
          });
    }
  }

  private void write(TapEvent event, ByteArrayOutputStream out) {
    frames++;
    if (event.missed() > 0) {
      put(out, json -> json.writeNumberProperty("dropped", event.missed()));
    }
    try {
      put(
          out,
          json -> {
            json.writeStringProperty("place", event.place())
                .writeNumberProperty("time", event.epochMicros())
                .writeName("frame");
            FrameJson.write(event.frame(), json);
          });
    } catch (JacksonException halfACharacter) { // which a text may hold, and JSON may not
      dropped++;
      put(out, json -> json.writeNumberProperty("dropped", 1));
    }
  }

  private void end(String why, ByteArrayOutputStream out) {
    over = true;
    long all = dropped + tap.missed();
    put(
        out,
        json ->
            json.writeStringProperty("end", why)
                .writeNumberProperty("frames", frames)
                .writeNumberProperty("dropped", all));
  }

  /// One line, or nothing of it.
  private void put(ByteArrayOutputStream out, Consumer<JsonGenerator> fields) {
    line.reset();
    try (var json = Json.generator(line)) {
      json.writeStartObject();
      fields.accept(json);
      json.writeEndObject();
    }
    var bytes = line.toByteArray();
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        bytes[i] = ' '; // between the tokens of a JSON body, which goes out as it came in
      }
    }
    out.writeBytes(bytes);
    out.write('\n');
  }
}
