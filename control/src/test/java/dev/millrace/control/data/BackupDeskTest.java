package dev.millrace.control.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.control.command.CommandCall;
import dev.millrace.control.command.CommandResult;
import dev.millrace.core.json.Json;
import dev.millrace.core.metric.Metrics;
import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Request;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Role;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.core.time.FakeClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupDeskTest {
  private final FakeClock clock = new FakeClock();
  private final Metrics metrics = new Metrics();

  @TempDir private Path folder;
  private Path data;
  private BackupDesk desk;
  private BackupRoutes routes;

  @BeforeEach
  void aDesk() throws Exception {
    data = folder.resolve("data");
    DataDirectory.open(data, "1.0").close();
    desk = new BackupDesk(data, "1.0", clock, metrics);
    routes = new BackupRoutes(desk);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  @Test
  void aBackupIsBegunAskedAfterAndFetchedOnce() throws Exception {
    var begun = begin();
    assertThat(begun).isInstanceOf(CommandResult.Done.class);
    var fields = ((CommandResult.Done) begun).fields();
    assertThat(fields.path("applied").asBoolean()).isTrue();
    var id = fields.path("state").path("id").asString();
    awaitReady(id);

    var head = ask("HEAD", id);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.source()).isNull();
    var response = ask("GET", id);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo("application/zip");
    assertThat(response.headers())
        .containsEntry(
            "Content-Disposition", "attachment; filename=\"millrace-backup-20250615T150640Z.zip\"");
    var sent = (Response.Source.TemporaryFile) Objects.requireNonNull(response.source());
    try (var archive = Archive.open(sent.file())) {
      archive.verify();
      assertThat(archive.manifest().files()).hasSize(1);
    }
    assertThat(ask("GET", id).status()).isEqualTo(404);
    assertThat(ask("GET", "nonsense").status()).isEqualTo(404);
    assertThat(metrics.count(DataMetric.BACKUPS, "written")).isEqualTo(1);
    assertThat(metrics.count(DataMetric.BACKUP_BYTES)).isPositive();
  }

  @Test
  void onlyAnAdminMayAndOnlyOnTheAdminSurface() {
    assertThat(routes.command().role()).isEqualTo(Role.ADMIN);
    assertThat(routes.command().name()).isEqualTo("backup");
    assertThat(routes.routes())
        .allSatisfy(
            route -> {
              assertThat(route.surface()).isEqualTo(Surface.ADMIN);
              assertThat(route.access()).isEqualTo(Route.Access.ADMIN);
            });
  }

  @Test
  void aSecondBackupIsRefusedWhileTheFirstIsWritten() throws Exception {
    aLargeDatabase();
    var id = ((BackupDesk.Start.Started) desk.start()).id();
    assertThat(desk.start()).isEqualTo(new BackupDesk.Start.AlreadyRunning(id));
    assertThat(begin())
        .isInstanceOfSatisfying(
            CommandResult.Failed.class,
            failed -> {
              assertThat(failed.status()).isEqualTo(409);
              assertThat(failed.code()).isEqualTo("BACKUP_RUNNING");
              assertThat(failed.details().path("id").asString()).isEqualTo(id);
            });
    var running = ask("GET", id);
    assertThat(running.status()).isEqualTo(202);
    var state = Json.tree(running.body()).path("state");
    assertThat(state.path("id").asString()).isEqualTo(id);
    assertThat(state.path("permille").asInt()).isBetween(0, 1_000);
    awaitReady(id);
    assertThat(desk.start()).isInstanceOf(BackupDesk.Start.Started.class);
    assertThat(desk.look(id)).as("replaced").isEqualTo(new BackupDesk.State.Gone());
  }

  @Test
  void oneThatNobodyFetchesIsDeletedAfterAnHour() throws Exception {
    var id = ((BackupDesk.Start.Started) desk.start()).id();
    awaitReady(id);
    await(() -> clock.pendingTimers() == 1);
    clock.advance(Duration.ofMinutes(59));
    assertThat(desk.look(id)).isInstanceOf(BackupDesk.State.Ready.class);
    clock.advance(Duration.ofMinutes(1));
    await(() -> desk.look(id) instanceof BackupDesk.State.Gone && archives().isEmpty());
  }

  @Test
  void stoppingEndsABackupAndLeavesNothing() throws Exception {
    aLargeDatabase();
    assertThat(desk.start()).isInstanceOf(BackupDesk.Start.Started.class);
    desk.close();
    assertThat(archives()).isEmpty();
    assertThat(desk.start()).isEqualTo(new BackupDesk.Start.ShuttingDown());
    assertThat(begin())
        .isInstanceOfSatisfying(
            CommandResult.Failed.class, failed -> assertThat(failed.status()).isEqualTo(503));
    assertThat(metrics.count(DataMetric.BACKUPS, "stopped")).isEqualTo(1);
  }

  @Test
  void stoppingDeletesWhatNobodyFetched() throws Exception {
    awaitReady(((BackupDesk.Start.Started) desk.start()).id());
    assertThat(archives()).hasSize(1);
    desk.close();
    assertThat(archives()).isEmpty();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void aBackupThatFailsSaysWhy() throws Exception {
    Files.delete(data.resolve("FORMAT"));
    var id = ((BackupDesk.Start.Started) desk.start()).id();
    await(() -> desk.look(id) instanceof BackupDesk.State.Failed);
    var response = ask("GET", id);
    assertThat(response.status()).isEqualTo(500);
    var error = Json.tree(response.body()).path("error");
    assertThat(error.path("code").asString()).isEqualTo("BACKUP_FAILED");
    assertThat(error.path("message").asString()).contains("it has no FORMAT");
    assertThat(metrics.count(DataMetric.BACKUPS, "failed")).isEqualTo(1);
    assertThat(archives()).isEmpty();
  }

  @Test
  void whateverIsDoneThereIsAtMostOneArchiveAndItIsTheNewest() throws Exception {
    for (long seed = 1; seed <= 8; seed++) {
      var random = new Random(seed);
      String ready = null; // what the model says can be fetched
      for (int step = 0; step < 25; step++) {
        switch (random.nextInt(4)) {
          case 0, 1 -> {
            ready = ((BackupDesk.Start.Started) desk.start()).id();
            awaitReady(ready);
            await(() -> clock.pendingTimers() == 1);
          }
          case 2 -> {
            fetch(ready, seed);
            ready = null;
          }
          default -> {
            var old = ready == null ? "none" : ready;
            clock.advance(Duration.ofHours(1));
            await(() -> desk.look(old) instanceof BackupDesk.State.Gone);
            ready = null;
          }
        }
        int expected = ready == null ? 0 : 1;
        await(() -> archives().size() == expected);
        assertThat(archives()).as("seed %d, step %d", seed, step).hasSize(expected);
      }
      fetch(ready, seed);
    }
  }

  private void fetch(@Nullable String ready, long seed) throws IOException {
    if (ready == null) {
      assertThat(desk.fetch("none")).isEqualTo(new BackupDesk.State.Gone());
      return;
    }
    var state = desk.fetch(ready);
    assertThat(state).as("seed %d", seed).isInstanceOf(BackupDesk.State.Ready.class);
    Files.delete(((BackupDesk.State.Ready) state).archive());
  }

  private CommandResult begin() throws Exception {
    var call =
        new CommandCall(
            "backup",
            Json.mapper().createObjectNode(),
            Principal.local("127.0.0.1"),
            CommandCall.Origin.REST,
            "r1");
    return routes.command().handler().run(call);
  }

  private Response ask(String method, String id) throws Exception {
    var request =
        new Request(
            "r1",
            method,
            "/api/v1/admin/backup/" + id,
            Map.of("id", id),
            Map.of(),
            Map.of(),
            new byte[0],
            "127.0.0.1",
            Principal.local("127.0.0.1"));
    return routes.routes().getFirst().handler().handle(request);
  }

  private void aLargeDatabase() throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("big.db"));
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE t (b BLOB)");
      statement.execute(
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
              + " INSERT INTO t SELECT randomblob(10000) FROM n");
    }
  }

  private void awaitReady(String id) {
    await(() -> desk.look(id) instanceof BackupDesk.State.Ready);
  }

  private List<Path> archives() {
    var temporary = data.resolve("tmp");
    if (!Files.exists(temporary)) {
      return List.of();
    }
    try (var all = Files.list(temporary)) {
      return all.toList();
    } catch (IOException failure) {
      throw new AssertionError(failure);
    }
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
