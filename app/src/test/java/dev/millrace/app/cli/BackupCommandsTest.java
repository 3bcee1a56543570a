package dev.millrace.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.control.data.Backup;
import dev.millrace.control.data.DataDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A backup of a running server and what is made of it.
class BackupCommandsTest extends RemoteFixture {
  private static final String ADMIN = "/api/v1/admin/backup";

  @Test
  void aBackupIsAwaitedReceivedCheckedAndOnlyItsOwnerMayReadIt() throws Exception {
    var archive = anArchive(); // once: its entries have times
    serveBackup(archive, 2);
    var file = folder.resolve("monday.zip");
    int code = millrace("backup", url(), "--out", file.toString(), "--token-file", token("geheim"));
    assertThat(code).as(err()).isZero();
    assertThat(file).hasBinaryContent(archive);
    assertThat(folder.resolve("monday.zip.part")).doesNotExist();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(out())
        .contains("monday.zip: 2 files, 1 KiB unpacked, of 2025-06-21T12:00:00Z")
        .contains("left out x.tmp: temporary");
    assertThat(authorizations).hasSize(4).containsOnly("Bearer geheim");

    var restored = folder.resolve("restored");
    out.reset();
    assertThat(millrace("restore", file.toString(), "--data-dir", restored.toString())).isZero();
    assertThat(restored.resolve("market.json")).hasContent("{}");
    assertThat(out())
        .contains("2 files as of 2025-06-21T12:00:00Z, written by Millrace 1.0")
        .contains("not in the backup: x.tmp", "millrace run --set server.data_dir=");
  }

  @Test
  void aFileIsReplacedOnlyWhenThatIsSaid() throws Exception {
    var archive = anArchive(); // once: its entries have times
    serveBackup(archive, 0);
    var file = Files.writeString(folder.resolve("b.zip"), "precious");
    assertThat(millrace("backup", url(), "--out", file.toString())).isEqualTo(1);
    assertThat(err()).contains("b.zip exists", "--force");
    assertThat(file).hasContent("precious");
    assertThat(asked).as("nothing was asked of the server").hasValue(0);
    assertThat(millrace("backup", url(), "--out", file.toString(), "--force")).as(err()).isZero();
    assertThat(file).hasBinaryContent(archive);
  }

  @Test
  void aBackupThatArrivesAlteredOrInPartIsNotKept() throws Exception {
    var archive = anArchive();
    var altered = archive.clone();
    int at = new String(archive, StandardCharsets.ISO_8859_1).indexOf("data/market.json") + 18;
    altered[at] ^= 4;
    var file = folder.resolve("b.zip");
    for (var bad : List.of(altered, Arrays.copyOf(archive, archive.length / 2), new byte[0])) {
      serveBackup(bad, 0);
      assertThat(millrace("backup", url(), "--out", file.toString())).isEqualTo(1);
      server.removeContext(ADMIN);
    }
    assertThat(err()).contains("market.json", "it is not a whole ZIP file", "fetch this one again");
    server.createContext(
        ADMIN,
        exchange -> {
          if (exchange.getRequestMethod().equals("POST")) {
            send(exchange, 200, "{\"ok\":true,\"applied\":true,\"state\":{\"id\":\"b1\"}}");
          } else { // promises more than it sends
            exchange.getResponseHeaders().add("Content-Type", "application/zip");
            exchange.sendResponseHeaders(200, 1_000_000);
            exchange.getResponseBody().write(archive);
            exchange.getResponseBody().flush();
            exchange.close();
          }
        });
    err.reset();
    assertThat(millrace("backup", url(), "--out", file.toString())).isEqualTo(1);
    assertThat(err()).contains("the backup could not be received");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatTheServerSaysAgainstABackupIsPassedOn() {
    answer(ADMIN, 409, "{\"error\":{\"message\":\"another one\"},\"request_id\":\"r-1\"}");
    var file = folder.resolve("b.zip").toString();
    assertThat(millrace("backup", url(), "--out", file)).isEqualTo(1);
    assertThat(err()).contains("answers 409: another one", "the server's log for request r-1");
    server.removeContext(ADMIN);
    server.createContext(
        ADMIN,
        exchange -> {
          boolean post = exchange.getRequestMethod().equals("POST");
          send(
              exchange,
              post ? 202 : 507,
              post
                  ? "{\"ok\":true,\"state\":{\"id\":\"b1\"}}"
                  : "{\"error\":{\"message\":\"a backup needs 9 MiB\"}}");
        });
    assertThat(millrace("backup", url(), "--out", file)).isEqualTo(1);
    assertThat(err()).contains("answers 507: a backup needs 9 MiB");
    server.removeContext(ADMIN);
    answer(ADMIN, 200, "{\"state\":{\"id\":\"../../health\"}}");
    assertThat(millrace("backup", url(), "--out", file)).isEqualTo(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aDownloadFromWhichNothingComesIsGivenUp() throws Exception {
    var closed = new CountDownLatch(1);
    var silent =
        new InputStream() {
          @Override
          public int read() throws IOException {
            return read(new byte[1], 0, 1);
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            try {
              closed.await();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
            throw new IOException("closed");
          }

          @Override
          public void close() {
            closed.countDown();
          }
        };
    var download = new Download(Duration.ofMillis(50));
    var file = folder.resolve("b.part");
    assertThatThrownBy(() -> download.receive(silent, file, bytes -> {}))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aRestoreNeverGoesOverData() throws Exception {
    var archive = Files.write(folder.resolve("b.zip"), anArchive());
    var data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("records.db"), "precious");
    assertThat(millrace("restore", archive.toString(), "--data-dir", data.toString()))
        .isEqualTo(75);
    assertThat(err()).contains("there is something here already");
    assertThat(data.resolve("records.db")).hasContent("precious");
    err.reset();
    assertThat(millrace("restore", data.resolve("records.db").toString(), "--data-dir", "x"))
        .isEqualTo(1);
    assertThat(err()).contains("it is not a whole ZIP file");
    assertThat(millrace("restore", archive.toString())).isEqualTo(2);
    assertThat(Path.of("x")).doesNotExist();
  }

  /// One archive for all: FORMAT, market.json, and a file that is left out.
  private static byte[] anArchive() throws Exception {
    var folder = Files.createTempDirectory("archive");
    try {
      DataDirectory.open(folder.resolve("data"), "1.0").close();
      Files.writeString(folder.resolve("data").resolve("market.json"), "{}");
      Files.writeString(folder.resolve("data").resolve("x.tmp"), "");
      var target = folder.resolve("backup.zip");
      var outcome =
          new Backup(folder.resolve("data"), "1.0", () -> false)
              .write(target, Instant.parse("2025-06-21T12:00:00Z"));
      assertThat(outcome).isInstanceOf(Backup.Outcome.Written.class);
      return Files.readAllBytes(target);
    } finally {
      try (var all = Files.walk(folder)) {
        all.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  /// A server that writes for as long as it is asked `waits` times.
  private void serveBackup(byte[] archive, int waits) {
    var left = new AtomicInteger(waits);
    server.createContext(
        ADMIN,
        exchange -> {
          count(exchange);
          var path = exchange.getRequestURI().getPath();
          if (exchange.getRequestMethod().equals("POST") && path.equals(ADMIN)) {
            send(exchange, 200, "{\"ok\":true,\"applied\":true,\"state\":{\"id\":\"b-1\"}}");
          } else if (!path.equals(ADMIN + "/b-1")) {
            send(exchange, 404, "{}");
          } else if (left.getAndDecrement() > 0) {
            send(exchange, 202, "{\"ok\":true,\"state\":{\"id\":\"b-1\",\"permille\":500}}");
          } else {
            exchange.getResponseHeaders().add("Content-Type", "application/zip");
            exchange.sendResponseHeaders(200, archive.length == 0 ? -1 : archive.length);
            if (archive.length > 0) {
              exchange.getResponseBody().write(archive);
            }
            exchange.close();
          }
        });
  }
}
