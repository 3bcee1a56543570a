package dev.millrace.systemtest;

import java.net.URI;
import java.nio.file.Path;

/// A process that all tests of a class share, each with topics of its own.
record SharedServer(MillraceProcess process, URI address, Topics topics) implements AutoCloseable {
  /// Runs the configuration, which is written into `folder`, and waits until it is ready.
  static SharedServer start(Path folder, String config) {
    var file = Graphs.write(folder.resolve("millrace.yaml"), config);
    var process = MillraceProcess.start(folder, "run", file.toString());
    try {
      var address = process.awaitReady();
      return new SharedServer(process, address, new Topics(address));
    } catch (AssertionError notReady) {
      process.close();
      throw notReady;
    }
  }

  @Override
  public void close() {
    process.close();
  }
}
