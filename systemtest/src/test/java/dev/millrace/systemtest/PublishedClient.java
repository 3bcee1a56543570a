package dev.millrace.systemtest;

import dev.millrace.core.json.Json;
import dev.millrace.testkit.Await;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A process with the unmodified Python package `wse-client`, driven by `clients/wse_driver.py`, or
/// with the double of the TypeScript client, `clients/wse_browser.mjs`. `.ci/run` installs what
/// they need; a test is skipped where it is not.
final class PublishedClient implements AutoCloseable {
  /// Counts sequence numbers, and subscribes once in its life.
  static final String OLD = "1.4.3";

  static final String NEW = "2.4.1";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Process process;
  private final Writer orders;
  private final Path complaints;
  private final List<JsonNode> told = new ArrayList<>(); // its own lock guards it: reader, test
  private int answersTaken;

  private PublishedClient(Process process, Path complaints) {
    this.process = process;
    this.complaints = complaints;
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(() -> read(process.getInputStream()));
  }

  /// A client of that version, not connected yet; what it complains of goes into `folder`.
  static PublishedClient start(String version, Path folder) {
    return start(interpreter(version), "wse_driver.py", folder);
  }

  /// The Python that has that version, and the libraries it needs.
  static Path interpreter(String version) {
    var python = python(version);
    Assumptions.assumeTrue(
        Files.isExecutable(python),
        () -> "wse-client " + version + " is not installed: there is no " + python);
    return python;
  }

  /// A client that goes by the rules of the TypeScript client of release 1.4, and is none.
  static PublishedClient browser(Path folder) {
    var node =
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
            .map(one -> Path.of(one, "node"))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        node.isPresent(), "Node is not installed: the double of the TypeScript client needs it");
    return start(node.orElseThrow(), "wse_browser.mjs", folder);
  }

  private static PublishedClient start(Path interpreter, String program, Path folder) {
    var driver = MillraceProcess.home().resolve("systemtest/src/test/resources/clients");
    try {
      var complaints = Files.createTempFile(folder, "client", ".txt");
      var process =
          new ProcessBuilder(interpreter.toString(), driver.resolve(program).toString())
              .redirectError(complaints.toFile())
              .start();
      var client = new PublishedClient(process, complaints);
      client.await("its version", one -> is(one, "version"));
      return client;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Where `.ci/run` keeps it: below the folder named by MILLRACE_WSE_CLIENTS, else in the cache.
  private static Path python(String version) {
    var named = System.getenv("MILLRACE_WSE_CLIENTS");
    var cache = System.getenv("XDG_CACHE_HOME");
    var folder =
        named != null
            ? Path.of(named)
            : (cache == null ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
                .resolve("millrace");
    return folder.resolve("wse-client-" + version).resolve("bin/python");
  }

  static ObjectNode order(String what) {
    return Json.mapper().createObjectNode().put("do", what);
  }

  static ObjectNode topics(String what, String... topics) {
    var order = order(what);
    var list = order.putArray("topics");
    List.of(topics).forEach(list::add);
    return order;
  }

  /// The order to connect to the server at `address`, with a query that begins with `?` or is
  /// empty.
  static ObjectNode connect(URI address, String query, String... topics) {
    return topics("connect", topics).put("url", "ws://" + address.getAuthority() + "/wse" + query);
  }

  /// Does `order` and returns the driver's answer, which must be that it went well.
  JsonNode ask(ObjectNode order) {
    var answer = attempt(order);
    if (!answer.path("ok").asBoolean()) {
      throw new AssertionError(order + " failed: " + answer + "\n" + complaints());
    }
    return answer;
  }

  /// The same, whatever the answer says.
  JsonNode attempt(ObjectNode order) {
    begin(order);
    int number = answersTaken++;
    Await.until(
        PATIENCE,
        () -> answers().size() > number || !process.isAlive(),
        () -> "no answer to " + order + "\n" + complaints());
    var answers = answers();
    if (answers.size() <= number) {
      throw new AssertionError("the client ended at " + order + "\n" + complaints());
    }
    return answers.get(number);
  }

  /// Has `order` begun; for one whose answer nobody waits for, the last of a test.
  void begin(ObjectNode order) {
    try {
      orders.write(order + "\n");
      orders.flush();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Sends an application message.
  void send(String type, ObjectNode payload) {
    var order = order("send").put("type", type);
    order.set("payload", payload);
    ask(order);
  }

  JsonNode stats() {
    return ask(order("stats"));
  }

  /// The events of one type that its iterator gave.
  List<JsonNode> events(String type) {
    return all().stream()
        .filter(one -> is(one, "event") && one.path("type").asString().equals(type))
        .toList();
  }

  /// Its states so far, oldest first.
  List<String> states() {
    return all().stream()
        .filter(one -> is(one, "state"))
        .map(one -> one.path("state").asString())
        .toList();
  }

  /// How many frames of a type it has thrown away for a reason: `age`, `throttle`, `duplicate`.
  long dropped(String why, String type) {
    return all().stream()
        .filter(one -> is(one, "dropped") && one.path("why").asString("").equals(why))
        .filter(one -> one.path("type").asString("").equals(type))
        .count();
  }

  void awaitEvents(String type, int count) {
    Await.until(
        PATIENCE,
        () -> events(type).size() >= count,
        () ->
            events(type).size()
                + " of "
                + count
                + " "
                + type
                + " came; of all that was told the last is "
                + all().getLast()
                + "\n"
                + complaints());
  }

  void awaitState(String state, int times) {
    Await.until(
        PATIENCE,
        () -> states().stream().filter(state::equals).count() >= times,
        () -> state + " never came, but " + states() + "\n" + complaints());
  }

  private void await(String what, Predicate<JsonNode> one) {
    Await.until(
        PATIENCE, () -> all().stream().anyMatch(one), () -> what + " never came" + complaints());
  }

  private List<JsonNode> answers() {
    return all().stream().filter(one -> is(one, "answer")).toList();
  }

  private static boolean is(JsonNode one, String what) {
    return one.path("what").asString("").equals(what);
  }

  private List<JsonNode> all() {
    synchronized (told) {
      return List.copyOf(told);
    }
  }

  private void read(InputStream out) {
    try (var lines =
        new java.io.BufferedReader(new java.io.InputStreamReader(out, StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var one = Json.tree(line.getBytes(StandardCharsets.UTF_8));
        synchronized (told) {
          told.add(one);
        }
      }
    } catch (IOException ended) {
      // The process was killed; whoever waits for more of it says what is missing.
      synchronized (told) {
        told.add(Json.mapper().createObjectNode().put("what", "ended"));
      }
    }
  }

  private String complaints() {
    try {
      return Files.readString(complaints);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
