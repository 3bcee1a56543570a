package dev.millrace.bench;

import java.io.PrintWriter;
import java.io.StringWriter;

/// Runs lines of `bench` in this process and keeps what they print.
abstract class BenchLines {
  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  int run(String line) {
    return Main.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(line.isEmpty() ? new String[0] : line.split(" "));
  }
}
