package dev.millrace.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.problem.ProblemException;
import dev.millrace.engine.fixture.EngineFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which files graphs may name.
class PathsTest {
  private final EngineFixture engine = new EngineFixture();

  @TempDir Path folder;
  private Path data = Path.of("");
  private Path outside = Path.of("");

  @BeforeEach
  void makeFolders() throws IOException {
    data = Files.createDirectories(folder.resolve("data"));
    outside = Files.createDirectories(folder.resolve("outside"));
  }

  @AfterEach
  void stop() {
    engine.close();
  }

  @Test
  void aPathStandsUnderTheDataDirectory() throws Exception {
    assertThat(resolved("a/../b/c.csv", false)).isEqualTo(data.resolve("b/c.csv"));
    assertThat(resolved(data.resolve("x").toString(), false)).isEqualTo(data.resolve("x"));
  }

  @Test
  void aPathThatLeavesTheDataDirectoryIsRefused() {
    refused("../outside/x", false, "leaves the data directory");
    refused("../data.part", false, "leaves the data directory");
    refused("../outside/x", true, "leaves the data directory");
    refused(outside.resolve("x").toString(), false, "leaves the data directory");
  }

  @Test
  void theDataDirectoryItselfIsNoFile() {
    for (var path : new String[] {"", ".", "a/..", "./"}) {
      refused(path, false, "itself");
      refused(path, true, "itself");
    }
  }

  @Test
  void whatIsNoPathIsRefusedInASentence() {
    refused("a\0b", false, "the path is none");
  }

  @Test
  void linksMayLeadAnywhereWithinTheDataDirectoryAndNotOutOfIt() throws Exception {
    Files.createDirectories(data.resolve("real"));
    Files.createSymbolicLink(data.resolve("within"), data.resolve("real"));
    Files.createSymbolicLink(data.resolve("away"), outside);
    Files.createSymbolicLink(data.resolve("file"), outside.resolve("file"));
    Files.createSymbolicLink(data.resolve("real/up"), Path.of("../.."));
    assertThat(resolved("within/x", false)).isEqualTo(data.resolve("within/x"));
    refused("away/x", false, "by a link");
    refused("file", false, "by a link"); // leads to nothing yet
    refused("within/up/outside/x", false, "by a link");
  }

  @Test
  void whoeverMayNameAbsolutePathsMayLinkToThem() throws Exception {
    Files.createSymbolicLink(data.resolve("away"), outside);
    assertThat(resolved("away/x", true)).isEqualTo(data.resolve("away/x"));
    assertThat(resolved(outside.resolve("x").toString(), true)).isEqualTo(outside.resolve("x"));
  }

  @Test
  void aDataDirectoryThatIsALinkIsOneLikeOthers() throws Exception {
    var link = Files.createSymbolicLink(folder.resolve("link"), data);
    Files.createDirectories(data.resolve("real"));
    Files.createSymbolicLink(data.resolve("within"), data.resolve("real"));
    assertThat(services(link, false).resolve("n", "within/x")).isEqualTo(link.resolve("within/x"));
  }

  private Path resolved(String path, boolean anyAbsolutePath) throws ProblemException {
    return services(data, anyAbsolutePath).resolve("n", path);
  }

  private void refused(String path, boolean anyAbsolutePath, String why) {
    assertThatThrownBy(() -> resolved(path, anyAbsolutePath))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining(why)
        .hasMessageContaining("node n");
  }

  private PipelineServices services(Path root, boolean anyAbsolutePath) {
    return new PipelineServices(engine.metrics, engine.signals, root, anyAbsolutePath);
  }
}
