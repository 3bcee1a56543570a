package dev.millrace.control.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class AuditTrailTest {
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final List<AuditTrail> opened = new ArrayList<>();

  @TempDir @Nullable Path folder;

  // Written by the test, read by the trail's thread.
  private volatile boolean full;

  /// The fuzzer's agent leaves files there.
  @BeforeAll
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @AfterEach
  void close() {
    full = false;
    opened.forEach(AuditTrail::close);
  }

  private Path folder() {
    return java.util.Objects.requireNonNull(folder);
  }

  private Path file(int number) {
    return AuditFile.file(folder().resolve("audit"), number);
  }

  private AuditTrail trail(AuditSpec spec) {
    var trail =
        new AuditTrail(
            folder(),
            spec,
            () -> 3,
            clock,
            metrics,
            (path, options) -> new FailingChannel(FileChannel.open(path, options), () -> full));
    opened.add(trail);
    return trail.start();
  }

  private static AuditEvent event(String target) {
    var arguments = Json.mapper().createObjectNode().put("pipeline", target).put("token", "canary");
    return new AuditEvent(
        "rest",
        "pause",
        target,
        arguments,
        true,
        true,
        null,
        "ops",
        "operator",
        "192.0.2.7",
        "r-1");
  }

  private static List<Long> numbers(List<ObjectNode> entries) {
    return entries.stream().map(entry -> entry.path("n").asLong()).toList();
  }

  private List<Long> onDisk(int number) throws IOException {
    return Files.readAllLines(file(number)).stream()
        .filter(line -> !line.isEmpty())
        .map(line -> Json.tree(line.getBytes(StandardCharsets.UTF_8)).path("n").asLong())
        .toList();
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited in vain until " + what).isLessThan(deadline);
      LockSupport.parkNanos(200_000);
    }
  }

  @Test
  void anEntryIsOnDiskWhenRecordReturns() throws IOException {
    var trail = trail(AuditSpec.DEFAULT);
    assertThat(trail.record(event("labels"))).isEqualTo(AuditTrail.Recorded.ON_DISK);
    var line = Files.readString(file(0));
    assertThat(line)
        .isEqualTo(
            "{\"ts\":\"2025-06-15T15:06:40Z\",\"n\":1,\"origin\":\"rest\",\"command\":\"pause\","
                + "\"target\":\"labels\",\"arguments\":{\"pipeline\":\"labels\",\"token\":\"***\"},"
                + "\"ok\":true,\"applied\":true,\"error\":null,\"actor\":\"ops\","
                + "\"role\":\"operator\",\"address\":\"192.0.2.7\",\"request_id\":\"r-1\","
                + "\"generation\":3}\n");
    assertThat(trail.newest(10).getFirst().toString() + "\n").isEqualTo(line);
    assertThat(trail.health().healthy()).isTrue();
  }

  @Test
  void numbersGoOnAcrossRestartsAndTheNewestAreReadBack() throws IOException {
    var spec = AuditSpec.DEFAULT.withMemoryEntries(5);
    var first = trail(spec);
    IntStream.range(0, 8).forEach(i -> first.record(event("t" + i)));
    assertThat(numbers(first.newest(100))).containsExactly(8L, 7L, 6L, 5L, 4L);
    first.close();

    var second = trail(spec);
    assertThat(numbers(second.newest(3))).containsExactly(8L, 7L, 6L);
    second.record(AuditEvent.lifeCycle("process", "start", true, null));
    assertThat(onDisk(0)).isEqualTo(LongStream.rangeClosed(1, 9).boxed().toList());
    assertThat(second.newest(1).getFirst().path("actor").asString()).isEqualTo("millrace");
  }

  @Test
  void aTornLastLineIsSkippedAndTheNextStandsOnItsOwn() throws IOException {
    var first = trail(AuditSpec.DEFAULT);
    first.record(event("a"));
    first.record(event("b"));
    first.close();
    var whole = Files.readAllBytes(file(0));
    Files.write(file(0), java.util.Arrays.copyOf(whole, whole.length - 20));

    var second = trail(AuditSpec.DEFAULT);
    assertThat(numbers(second.newest(10))).containsExactly(1L);
    assertThat(metrics.count(AuditMetric.SKIPPED)).isEqualTo(1);
    second.record(event("c"));
    second.close();

    var third = trail(AuditSpec.DEFAULT);
    assertThat(numbers(third.newest(10))).containsExactly(2L, 1L);
    assertThat(Files.readAllLines(file(0))).hasSize(3);
  }

  @Test
  void filesAreRotatedAndTheOldestGo() throws IOException {
    var spec = AuditSpec.DEFAULT.withMaxFileSize(1_000).withFiles(3).withMemoryEntries(7);
    var trail = trail(spec);
    IntStream.range(0, 20).forEach(i -> trail.record(event("t" + i)));
    assertThat(Files.exists(file(3))).isFalse();
    var all = new ArrayList<Long>();
    for (int number = 2; number >= 0; number--) {
      assertThat(Files.size(file(number))).isLessThanOrEqualTo(1_000);
      all.addAll(onDisk(number));
    }
    assertThat(all).isEqualTo(LongStream.rangeClosed(21 - all.size(), 20).boxed().toList());
    trail.close();
    assertThat(numbers(trail(spec).newest(7))).containsExactly(20L, 19L, 18L, 17L, 16L, 15L, 14L);
  }

  @Test
  void aFullDiskRefusesNobodyAndWhatWaitedIsWrittenOnce() throws IOException {
    var trail = trail(AuditSpec.DEFAULT);
    trail.record(event("before"));
    full = true;
    assertThat(trail.record(event("one"))).isEqualTo(AuditTrail.Recorded.IN_MEMORY);
    assertThat(trail.record(event("two"))).isEqualTo(AuditTrail.Recorded.IN_MEMORY);
    assertThat(trail.health().healthy()).isFalse();
    assertThat(trail.health().details().path("trouble").asString()).contains("No space left");
    assertThat(trail.health().details().path("waiting").asInt()).isEqualTo(2);
    assertThat(numbers(trail.newest(10))).containsExactly(3L, 2L, 1L);
    assertThat(clock.pendingTimers()).isEqualTo(1);

    full = false;
    clock.advance(Duration.ofSeconds(1));
    await("the trail is healthy", () -> trail.health().healthy());
    assertThat(onDisk(0)).containsExactly(1L, 2L, 3L);
    assertThat(metrics.count(AuditMetric.LATE)).isEqualTo(2);
    assertThat(metrics.count(AuditMetric.LOST)).isZero();
  }

  @Test
  void whatFindsTheQueueFullStaysInMemoryAndIsCounted() throws IOException {
    var trail = trail(AuditSpec.DEFAULT.withWaitingEntries(2));
    full = true;
    IntStream.range(0, 5).forEach(i -> trail.record(event("t" + i)));
    assertThat(metrics.count(AuditMetric.LOST)).isEqualTo(3);
    assertThat(trail.health().details().path("lost").asInt()).isEqualTo(3);
    full = false;
    clock.advance(Duration.ofSeconds(1));
    await("the trail is healthy", () -> trail.health().healthy());
    assertThat(onDisk(0)).containsExactly(1L, 2L);
    assertThat(trail.newest(10)).hasSize(5);
  }

  @Test
  void aDiskThatDoesNotAnswerHoldsACallerForASecond() throws Exception {
    var hold = new java.util.concurrent.CountDownLatch(1);
    var trail =
        new AuditTrail(
            folder(),
            AuditSpec.DEFAULT,
            () -> 1,
            clock,
            metrics,
            (path, options) -> {
              try {
                hold.await();
              } catch (InterruptedException interrupted) {
                throw new IOException(interrupted);
              }
              return FileChannel.open(path, options);
            });
    opened.add(trail);
    trail.start();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var recorded = callers.submit(() -> trail.record(event("slow")));
      await("the caller waits", () -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofMillis(999));
      assertThat(recorded.isDone()).isFalse();
      clock.advance(Duration.ofMillis(1));
      assertThat(recorded.get()).isEqualTo(AuditTrail.Recorded.IN_MEMORY);
      assertThat(trail.health().healthy()).isFalse();
      assertThat(trail.health().details().path("trouble").asString()).contains("does not answer");
    } finally {
      hold.countDown();
    }
    await("it is well again", () -> trail.health().healthy());
    trail.close();
    assertThat(onDisk(0)).containsExactly(1L);
  }

  @Test
  void whatClosesOnAFullDiskCountsWhatIsLost() {
    var trail = trail(AuditSpec.DEFAULT);
    full = true;
    trail.record(event("a"));
    trail.close();
    assertThat(metrics.count(AuditMetric.LOST)).isEqualTo(1);
    assertThat(trail.record(event("b"))).isEqualTo(AuditTrail.Recorded.IN_MEMORY);
    assertThat(metrics.count(AuditMetric.LOST)).isEqualTo(2);
  }

  @Test
  void aFileThatSomebodyTakesAwayIsBegunAnew() throws IOException {
    var trail = trail(AuditSpec.DEFAULT);
    trail.record(event("a"));
    Files.delete(file(0));
    trail.record(event("b"));
    assertThat(onDisk(0)).containsExactly(2L);
  }

  @Test
  void aFolderThatCannotBeReadKeepsNobodyFromStarting() throws IOException {
    Files.createFile(folder().resolve("audit"));
    var trail = trail(AuditSpec.DEFAULT);
    assertThat(trail.record(event("a"))).isEqualTo(AuditTrail.Recorded.IN_MEMORY);
    assertThat(trail.health().healthy()).isFalse();
    assertThat(trail.newest(1)).hasSize(1);
  }

  @Test
  void manyCallersAtOnceGetNumbersWithoutGaps() throws Exception {
    var trail = trail(AuditSpec.DEFAULT);
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        var target = "t" + i;
        callers.execute(() -> trail.record(event(target)));
      }
    }
    assertThat(onDisk(0)).isEqualTo(LongStream.rangeClosed(1, 200).boxed().toList());
  }

  /// Failing and working disks, restarts and rotations in any order, beside a list.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nothingIsLostOrDoubledOverFailuresAndRestarts(long seed) throws IOException {
    var random = new Random(seed);
    var spec = AuditSpec.DEFAULT.withMaxFileSize(2_000).withFiles(1_000).withMemoryEntries(20);
    var trail = trail(spec);
    var model = new ArrayList<Long>();
    for (int step = 0; step < 200; step++) {
      var what = "seed " + seed + ", step " + step;
      switch (random.nextInt(6)) {
        case 0 -> full = true;
        case 1 -> {
          full = false;
          clock.advance(Duration.ofSeconds(1));
          var now = trail;
          await("healthy, " + what, () -> now.health().healthy());
        }
        case 2 -> {
          if (!full) {
            trail.close();
            trail = trail(spec);
          }
        }
        default -> {
          trail.record(event("t" + step));
          model.add(model.size() + 1L);
        }
      }
      var newest = model.subList(Math.max(0, model.size() - 20), model.size()).reversed();
      assertThat(numbers(trail.newest(20))).as(what).isEqualTo(newest);
    }
    full = false;
    trail.close();
    var all = new ArrayList<Long>();
    for (int number = 999; number >= 0; number--) {
      if (Files.exists(file(number))) {
        all.addAll(onDisk(number));
      }
    }
    assertThat(all).as("seed " + seed).isEqualTo(model);
  }

  @FuzzTest
  void noBytesInTheFileCrashTheReader(byte[] bytes) throws IOException {
    var place = Files.createTempDirectory("audit");
    Files.write(AuditFile.file(place, 0), bytes);
    assertThat(AuditTail.read(place, 3, 5).entries().size()).isLessThanOrEqualTo(5);
  }

  @Test
  void damagedFilesAreReadAsFarAsTheyGo() throws IOException {
    var good = new StringBuilder();
    IntStream.rangeClosed(1, 5)
        .forEach(n -> good.append(event("t").toJson("now", n, 1)).append('\n'));
    var bytes = good.toString().getBytes(StandardCharsets.UTF_8);
    Files.createDirectories(folder().resolve("audit"));
    long seed = 20_260_401;
    var random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      var damaged = java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      for (int i = random.nextInt(4); i > 0 && damaged.length > 0; i--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.deleteIfExists(
          file(0)); // to cut it short instead would have the disk written each time
      Files.write(file(0), damaged);
      assertThatCode(() -> AuditTail.read(folder().resolve("audit"), 2, 10))
          .as("seed " + seed + ", round " + round)
          .doesNotThrowAnyException();
    }
  }

  private JsonNode get(AuditTrail trail, @Nullable String limit, int status) throws Exception {
    var route = new AuditRoutes(trail).routes().getFirst();
    Map<String, List<String>> query = limit == null ? Map.of() : Map.of("limit", List.of(limit));
    var request =
        new Request(
            "r",
            "GET",
            route.path(),
            Map.of(),
            query,
            Map.of(),
            new byte[0],
            "127.0.0.1",
            Principal.local("127.0.0.1"));
    Response response = route.handler().handle(request);
    assertThat(response.status()).isEqualTo(status);
    return Json.tree(response.body());
  }

  @Test
  void theNewestAreServed() throws Exception {
    var trail = trail(AuditSpec.DEFAULT);
    IntStream.range(0, 250).forEach(i -> trail.record(event("t" + i)));
    assertThat(get(trail, null, 200).path("entries").size()).isEqualTo(200);
    assertThat(get(trail, "3", 200).path("entries").path(0).path("n").asLong()).isEqualTo(250);
    for (var wrong : List.of("0", "1001", "-1", "x", "", "99999999999")) {
      assertThat(get(trail, wrong, 422).path("error").path("details").path("field").asString())
          .isEqualTo("limit");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"pipeline\":\"x\"}| {\"pipeline\":\"x\"}",
        "{\"level\":\"debug\",\"dry_run\":true,\"limit\":5}|"
            + " {\"level\":\"debug\",\"dry_run\":true,\"limit\":5}",
        "{\"password\":\"canary\"}| {\"password\":\"***\"}",
        "{\"Pipeline\":\"canary\"}| {\"Pipeline\":\"***\"}",
        "{\"target\":{\"secret\":\"canary\"}}| {\"target\":\"***\"}",
        "{\"id\":[1]}| {\"id\":\"***\"}",
        "{}| {}",
      })
  void onlyHarmlessArgumentsAreShown(String given, String shown) {
    var fields = (ObjectNode) Json.tree(given.getBytes(StandardCharsets.UTF_8));
    assertThat(Masking.of(fields)).hasToString(shown);
  }

  @Test
  void aPairOfSurrogatesIsNotCutInTwo() {
    var text = "x".repeat(126) + "\ud83d\ude00 and more than fits";
    var arguments = Json.mapper().createObjectNode().put("pipeline", "y".repeat(128) + text);
    var event =
        new AuditEvent("noc", text, text, arguments, false, false, null, text, null, null, null);
    var entry = event.toJson("now", 1, 1);
    assertThat(entry.path("target").asString()).isEqualTo("x".repeat(126) + "…");
    assertThat(entry.path("arguments").path("pipeline").asString())
        .isEqualTo("y".repeat(128) + "x".repeat(126) + "…");
  }

  @Test
  void anEntryHasABoundWhateverItIsMadeOf() {
    var arguments = Json.mapper().createObjectNode();
    IntStream.range(0, 5_000).forEach(i -> arguments.put("key".repeat(100) + i, "v".repeat(1_000)));
    arguments.put("pipeline", "p".repeat(100_000));
    var huge = "x".repeat(100_000);
    var event =
        new AuditEvent(huge, huge, huge, arguments, false, false, huge, huge, huge, huge, huge);
    assertThat(Json.bytes(event.toJson("now", 1, 1)).length).isLessThan(16_000);
  }
}
