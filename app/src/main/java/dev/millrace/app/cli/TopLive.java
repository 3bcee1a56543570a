package dev.millrace.app.cli;

import dev.millrace.app.cli.watch.Figures;
import dev.millrace.app.cli.watch.Sample;
import dev.millrace.app.cli.watch.Screen;
import dev.millrace.app.cli.watch.TopPage;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/// The live table of `millrace top`: draws what it hears of, on one thread. Others ask the server,
/// read the keys and get the signals, and only tell it.
final class TopLive {
  private static final String ESCAPE = "\u001b";
  private static final int BYTES_OF_A_KEY = 8;

  private final String address;
  private final Duration interval;
  private final Sampling sampling;

  // Few enough to be drawn at once. What does not fit comes again with the next sample.
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(64);

  private volatile boolean stopped; // written by whoever says so

  private @Nullable Figures figures;
  private Sample last = new Sample(0, List.of(), 0);
  private String trouble = "";
  private int scrolled;

  /// Asks the server once.
  @FunctionalInterface
  interface Sampling {
    Sample sample() throws ExitException, InterruptedException;
  }

  /// What there is to react to.
  sealed interface Event {
    record Sampled(Sample sample) implements Event {}

    record Failed(String sentence) implements Event {}

    record Key(String key) implements Event {}

    record Resized() implements Event {}

    record Stop() implements Event {}
  }

  TopLive(String address, Duration interval, Sampling sampling) {
    this.address = address;
    this.interval = interval;
    this.sampling = sampling;
  }

  /// Shows the table until the user has seen enough; false where there is no terminal to show it
  /// on.
  boolean show(Sample first, PrintWriter out) throws InterruptedException {
    last = first;
    try (var screen = Screen.open(out)) {
      if (screen == null) {
        return false;
      }
      Runnable stop = () -> tell(new Event.Stop());
      Interrupts.handle(stop, stop);
      Interrupts.handleResize(() -> tell(new Event.Resized()));
      var asking = Thread.ofVirtual().name("millrace-top-samples").start(this::ask);
      Thread.ofPlatform().daemon().name("millrace-top-keys").start(this::readKeys);
      try {
        var size = Screen.size();
        boolean colours = Screen.colours(System.getenv());
        screen.show(page(size, colours));
        for (var event = events.take(); !stopped && react(event, size); event = events.take()) {
          size = event instanceof Event.Resized ? Screen.size() : size;
          screen.show(page(size, colours));
        }
      } finally {
        asking.interrupt();
      }
      return true;
    }
  }

  /// Takes one event in; false when it is the last.
  boolean react(Event event, Screen.Size size) {
    switch (event) {
      case Event.Sampled(var sample) -> {
        figures = Figures.between(last, sample);
        last = sample;
        trouble = "";
      }
      case Event.Failed(var sentence) -> trouble = sentence;
      case Event.Resized() -> {}
      case Event.Stop() -> {
        return false;
      }
      case Event.Key(var key) -> {
        switch (key) {
          case "q", "Q", "\u0003", "\u0004" -> {
            return false;
          }
          case "j", ESCAPE + "[B", ESCAPE + "OB" -> scrolled++;
          case "k", ESCAPE + "[A", ESCAPE + "OA" -> scrolled--;
          case " ", ESCAPE + "[6~" -> scrolled += Math.max(1, size.rows() - 3);
          case "b", ESCAPE + "[5~" -> scrolled -= Math.max(1, size.rows() - 3);
          case "g", ESCAPE + "[H" -> scrolled = 0;
          default -> {} // no key of ours
        }
      }
    }
    return true;
  }

  /// What fills a terminal of that size.
  List<String> page(Screen.Size size, boolean colours) {
    var now = figures == null ? Figures.between(last, last) : figures;
    var body = TopPage.lines(now, size.columns(), colours);
    int room = Math.max(1, size.rows() - 2);
    scrolled = Math.clamp(scrolled, 0, Math.max(0, body.size() - room));
    var page = new ArrayList<String>();
    int hidden = Math.max(0, body.size() - room - scrolled);
    page.add(TopPage.heading(heading(), "q quits", size.columns(), colours));
    if (trouble.isEmpty()) {
      var more = hidden == 0 && scrolled == 0 ? "" : hidden + " lines below; up and down scroll";
      page.add(TopPage.note(more, false, size.columns(), colours));
    } else {
      page.add(TopPage.note(trouble, true, size.columns(), colours));
    }
    page.addAll(body.subList(scrolled, Math.min(body.size(), scrolled + room)));
    return page.subList(0, Math.min(page.size(), size.rows()));
  }

  private String heading() {
    return "millrace top  "
        + address
        + "  "
        + LocalTime.now(ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS);
  }

  private void tell(Event event) {
    if (event instanceof Event.Stop) {
      stopped = true;
      events.clear();
    }
    var _ = events.offer(event);
  }

  private void ask() {
    try {
      while (true) {
        Thread.sleep(interval);
        try {
          tell(new Event.Sampled(sampling.sample()));
        } catch (ExitException failure) {
          var sentence = String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
          tell(new Event.Failed(sentence + "; trying again"));
        }
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /// A key is what comes at once: one letter, or the few bytes of an arrow.
  private void readKeys() {
    var bytes = new byte[BYTES_OF_A_KEY];
    try {
      for (int read = System.in.read(bytes); read > 0; read = System.in.read(bytes)) {
        tell(new Event.Key(new String(bytes, 0, read, java.nio.charset.StandardCharsets.UTF_8)));
      }
      tell(new Event.Stop()); // the terminal is gone
    } catch (IOException gone) {
      tell(new Event.Stop());
    }
  }
}
