package dev.millrace.testkit.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisProgramTest {
  @TempDir private Path root;

  @Test
  void aProgramFromUnpackedPackagesFindsTheLibrariesBesideIt() throws IOException {
    var program = file("usr/bin/redis-server");
    file("usr/lib/some-machine/libjemalloc.so.2");
    var libraries = root.resolve("usr/lib/some-machine");
    assertThat(RedisProgram.within(root))
        .isEqualTo(
            new RedisProgram.Found(
                new RedisProgram(
                    program.toString(), Map.of("LD_LIBRARY_PATH", libraries.toString()))));
  }

  @Test
  void packagesWithoutTheProgramOrItsLibraryAreSaidToBe() throws IOException {
    file("usr/bin/redis-server");
    assertThat(RedisProgram.within(root)).isInstanceOf(RedisProgram.Missing.class);
    Files.delete(root.resolve("usr/bin/redis-server"));
    file("usr/lib/libjemalloc.so.2");
    assertThat(RedisProgram.within(root)).isInstanceOf(RedisProgram.Missing.class);
  }

  private Path file(String path) throws IOException {
    var file = root.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.createFile(file);
  }
}
