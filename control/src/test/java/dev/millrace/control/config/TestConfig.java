package dev.millrace.control.config;

import dev.millrace.core.document.Tree;
import dev.millrace.core.spec.Default;
import dev.millrace.core.spec.OnRestart;
import dev.millrace.core.spec.Range;
import dev.millrace.core.spec.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A small configuration with one of each kind of key.
record TestConfig(
    Server server,
    @Default("1") @Range(min = 0, max = 100) int low,
    @Default("50") int high,
    List<Pipeline> pipelines,
    @Secret @Nullable String token,
    @Nullable String certFile) {

  record Server(
      @Default("127.0.0.1") @OnRestart String host,
      @Default("8080") @OnRestart @Range(min = 0, max = 65_535) int port,
      @Default("100") int limit) {
    Server {
      if (limit > port) {
        throw new IllegalArgumentException("limit " + limit + " is above port " + port);
      }
    }
  }

  record Pipeline(String name, @Nullable Tree graph) {}

  TestConfig {
    if (low > high) {
      throw new IllegalArgumentException("low " + low + " is above high " + high);
    }
  }
}
