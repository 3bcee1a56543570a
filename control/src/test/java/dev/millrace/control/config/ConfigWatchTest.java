package dev.millrace.control.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.CommandCall;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.signal.SignalBus;
import dev.millrace.core.time.FakeClock;
import dev.millrace.core.time.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real files, edited in every way editors and deployments do it; the watch is asked to look as its
/// thread would, and time moves only here.
class ConfigWatchTest {
  private static final Duration LOOK = Duration.ofMillis(250);

  @TempDir Path folder;
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();
  private final SignalBus signals = new SignalBus(10, clock, metrics);
  private TestSource source;
  private LiveConfig<TestConfig> live;
  private Reloader<TestConfig> reloader;
  private ConfigWatch watch;

  @BeforeEach
  void start() throws IOException {
    write("low: 1\n");
    begin(file());
  }

  private void begin(Path file) {
    source = new TestSource(file);
    live = source.load();
    reloader = new Reloader<>(live, source, List.of(), signals, clock, metrics);
    watch = new ConfigWatch(reloader, outcome -> {}, clock, metrics);
  }

  @AfterEach
  void stop() {
    watch.close();
    reloader.close();
    signals.close();
  }

  @Test
  void aFileWrittenInPlaceIsLoadedOnceItHasKeptStill() throws Exception {
    looks(3);
    assertThat(reloads()).isZero();
    write("low: 2\n");
    watch.look();
    assertThat(live.get().low()).isEqualTo(1);
    looks(1);
    assertThat(live.get().low()).isEqualTo(2);
    looks(20);
    assertThat(reloads()).isEqualTo(1);
  }

  @Test
  void aFileRenamedOverIsLoaded() throws Exception {
    var other = folder.resolve(".it.yaml.swp");
    Files.writeString(other, "low: 2\n");
    Files.move(other, file(), StandardCopyOption.ATOMIC_MOVE);
    looks(2);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void anEditorThatKeepsABackupIsFollowed() throws Exception {
    Files.move(file(), folder.resolve("it.yaml~"));
    watch.look();
    write("low: 2\n");
    looks(2);
    assertThat(live.get().low()).isEqualTo(2);
    assertThat(live.state().lastError()).isEmpty();
    assertThat(reloads()).isEqualTo(1);
  }

  @Test
  void aFileThatIsGoneIsRejectedOnceAndLoadedWhenItIsBack() throws Exception {
    Files.delete(file());
    looks(20);
    assertThat(count("rejected")).isEqualTo(1);
    assertThat(live.state().lastError().getFirst().code()).isEqualTo(ConfigSource.MISSING);
    write("low: 1\n");
    looks(2);
    assertThat(live.state().lastError()).isEmpty();
    assertThat(live.generation()).isEqualTo(1);
    write("low: 3\n");
    looks(2);
    assertThat(live.get().low()).isEqualTo(3);
  }

  @Test
  void aFileThatIsBeingWrittenIsWaitedFor() throws Exception {
    write("");
    for (int line = 1; line <= 10; line++) {
      Files.writeString(file(), "#" + "x".repeat(line) + "\n", StandardOpenOption.APPEND);
      watch.look();
      clock.advance(LOOK);
    }
    assertThat(reloads()).isZero();
    Files.writeString(file(), "low: 2\n", StandardOpenOption.APPEND);
    looks(2);
    assertThat(live.get().low()).isEqualTo(2);
    assertThat(reloads()).isEqualTo(1);
  }

  @Test
  void aHalfWrittenFileThatIsSeenIsRejectedAndTheRestLoads() throws Exception {
    write("low: 2\nserver: {port");
    looks(3);
    assertThat(count("rejected")).isEqualTo(1);
    Files.writeString(file(), ": 8080}\n", StandardOpenOption.APPEND);
    looks(3);
    assertThat(live.get().low()).isEqualTo(2);
    assertThat(live.state().lastError()).isEmpty();
  }

  @Test
  void aFileThatNeverKeepsStillIsReadAllTheSame() throws Exception {
    for (int i = 0; i < 30; i++) {
      write("low: 2\n#" + i + "\n");
      watch.look();
      clock.advance(LOOK);
    }
    assertThat(live.get().low()).isEqualTo(2);
    assertThat(reloads()).isEqualTo(1);
  }

  @Test
  void aLinkThatIsSwappedAsMountedVolumesDoIsFollowed() throws Exception {
    stop();
    var mounted = Files.createDirectory(folder.resolve("mounted"));
    Files.createDirectory(mounted.resolve("..1"));
    Files.writeString(mounted.resolve("..1/it.yaml"), "low: 1\n");
    Files.createSymbolicLink(mounted.resolve("..data"), Path.of("..1"));
    Files.createSymbolicLink(mounted.resolve("it.yaml"), Path.of("..data/it.yaml"));
    begin(mounted.resolve("it.yaml"));
    looks(2);

    Files.createDirectory(mounted.resolve("..2"));
    Files.writeString(mounted.resolve("..2/it.yaml"), "low: 2\n");
    Files.createSymbolicLink(mounted.resolve("..data_tmp"), Path.of("..2"));
    Files.move(
        mounted.resolve("..data_tmp"), mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    looks(2);
    assertThat(live.get().low()).isEqualTo(2);
    assertThat(reloads()).isEqualTo(1);
  }

  @Test
  void aFolderThatIsReplacedIsFollowed() throws Exception {
    stop();
    var inner = Files.createDirectory(folder.resolve("inner"));
    Files.writeString(inner.resolve("it.yaml"), "low: 1\n");
    begin(inner.resolve("it.yaml"));
    Files.move(inner, folder.resolve("old"));
    looks(3);
    assertThat(count("rejected")).isEqualTo(1);
    Files.createDirectory(inner);
    Files.writeString(inner.resolve("it.yaml"), "low: 2\n");
    looks(3);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void theSameContentIsNoChangeHoweverItWasWritten() throws Exception {
    for (int i = 0; i < 3; i++) {
      Files.delete(file());
      write("low: 1\n");
      Files.setLastModifiedTime(file(), FileTime.fromMillis(i));
      looks(6);
    }
    assertThat(reloads()).isZero();
  }

  @Test
  void aChangeThatNeitherSizeNorTimeShowsIsSeen() throws Exception {
    looks(6);
    var time = Files.getLastModifiedTime(file());
    write("low: 2\n");
    Files.setLastModifiedTime(file(), time);
    looks(6);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void aClockThatJumpsChangesNothing() throws Exception {
    clock.jumpWallClock(Duration.ofDays(-400));
    write("low: 2\n");
    looks(2);
    clock.jumpWallClock(Duration.ofDays(900));
    write("low: 3\n");
    looks(2);
    assertThat(live.get().low()).isEqualTo(3);
    assertThat(reloads()).isEqualTo(2);
  }

  @Test
  void everyFileTheConfigurationWasReadFromIsLookedAfter() throws Exception {
    Files.writeString(folder.resolve("token"), "one");
    Files.writeString(folder.resolve("cert.pem"), "one");
    write("token_file: token\ncert_file: cert.pem\n");
    looks(3);
    assertThat(live.get().token()).isEqualTo("one");
    Files.writeString(folder.resolve("token"), "two");
    looks(3);
    assertThat(live.get().token()).isEqualTo("two");
    Files.writeString(folder.resolve("cert.pem"), "two");
    looks(3);
    assertThat(live.generation()).isEqualTo(4);
    Files.delete(folder.resolve("token"));
    looks(3);
    assertThat(live.state().lastError()).isNotEmpty();
    Files.writeString(folder.resolve("token"), "three");
    looks(3);
    assertThat(live.get().token()).isEqualTo("three");
    assertThat(reloads()).isEqualTo(5);
  }

  @Test
  void whatADryRunHasSeenIsStillLoaded() throws Exception {
    write("low: 2\n");
    reloader.reload(CommandCall.Origin.REST, true);
    looks(2);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void whatSomebodyElseHasReloadedIsNotLoadedAgain() throws Exception {
    write("low: 2\n");
    reloader.reload(CommandCall.Origin.REST, false);
    looks(6);
    assertThat(reloads()).isZero();
  }

  @Test
  void aFailureIsCountedAndTriedAgain() throws Exception {
    source.broken = true;
    write("low: 2\n");
    looks(60); // 15 s
    assertThat(metrics.count(ConfigMetric.WATCH_FAILURES)).isBetween(2.0, 3.0);
    source.broken = false;
    looks(25);
    assertThat(live.get().low()).isEqualTo(2);
  }

  @Test
  void whatIsNoFileIsRejectedWithoutWaiting() throws Exception {
    Files.delete(file());
    Files.createDirectory(file());
    looks(3);
    assertThat(count("rejected")).isEqualTo(1);
  }

  @Test
  void theThreadLooksByItself() throws Exception {
    try (var real = new SystemClock();
        var own = new ConfigWatch(reloader, outcome -> {}, real, metrics).start()) {
      assertThat(own).isNotNull();
      write("low: 2\n");
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (live.get().low() != 2 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
      }
      assertThat(live.get().low()).isEqualTo(2);
    }
  }

  private void looks(int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      watch.look();
      clock.advance(LOOK);
      watch.look();
    }
  }

  private double reloads() {
    return count("applied") + count("rejected") + count("unchanged");
  }

  private double count(String outcome) {
    return metrics.count(ConfigMetric.RELOADS, "watch", outcome);
  }

  private Path file() {
    return folder.resolve("it.yaml");
  }

  private void write(String text) throws IOException {
    Files.writeString(file(), text);
  }
}
