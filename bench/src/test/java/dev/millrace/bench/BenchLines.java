package dev.millrace.bench;

import java.io.PrintWriter;
import java.io.StringWriter;

/// Runs lines of `bench` in this process and keeps what they print.
abstract class BenchLines {
  /// For JVMs that are there soon; how fast they are is not asked here.
  static final String LIGHT = " --jvm=-XX:+UseSerialGC --jvm=-XX:TieredStopAtLevel=1";

  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  int run(String line) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(line.isEmpty() ? new String[0] : line.split(" "));
  }
}
