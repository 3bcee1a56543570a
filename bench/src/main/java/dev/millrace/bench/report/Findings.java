package dev.millrace.bench.report;

import dev.millrace.core.json.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/// Tells the findings of one command: each as it comes to people, all in one document to machines.
public final class Findings {
  private final String bench;
  private final boolean json;
  private final PrintWriter out;
  private final PrintWriter progress;
  private final List<Finding> all = new ArrayList<>();

  /// Of `bench NAME`, on the output of `line`.
  public Findings(String bench, boolean json, CommandLine line) {
    this.bench = bench;
    this.json = json;
    out = line.getOut();
    progress = line.getErr();
    if (!json) {
      out.println(Machine.current());
    }
  }

  public void add(Finding finding) {
    all.add(finding);
    if (!json) {
      out.println();
      out.print(finding);
      out.flush();
    }
  }

  /// A line now and then, beside the findings.
  public void progress(String line) {
    progress.println(line);
    progress.flush();
  }

  /// Ends the output and returns the exit code: with `failing` a missed bar fails.
  public int end(boolean failing) {
    if (json) {
      var mapper = Json.mapper();
      var document = mapper.createObjectNode().put("bench", bench);
      document.set("machine", mapper.valueToTree(Machine.current()));
      var list = document.putArray("questions");
      all.forEach(finding -> list.add(finding.json()));
      out.println(document.toPrettyString());
    }
    out.flush();
    var missed =
        all.stream().flatMap(finding -> finding.bars().stream()).filter(bar -> !bar.met()).toList();
    if (failing) {
      missed.forEach(bar -> progress("failed: " + bar));
    }
    return failing && !missed.isEmpty() ? ExitCode.SOFTWARE : ExitCode.OK;
  }
}
