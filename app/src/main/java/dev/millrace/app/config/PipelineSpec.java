package dev.millrace.app.config;

import dev.millrace.core.document.Tree;
import dev.millrace.core.spec.About;
import dev.millrace.core.spec.Default;
import org.jspecify.annotations.Nullable;

/// One pipeline: a name and its graph, written here or in a file of its own.
public record PipelineSpec(
    @About("The pipeline's name: its id, its address under /api/v1/pipelines and its metric label.")
        String name,
    @About("The graph: nodes and connections.") @Nullable Tree graph,
    @About(
            "A file that holds the graph instead, beside this file; with #NAME behind it, a"
                + " configuration and the pipeline of it.")
        @Nullable String file,
    @About("Whether it runs from the start; otherwise an operator starts it.") @Default("true")
        boolean autostart) {

  public PipelineSpec {
    if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
      throw new IllegalArgumentException(
          "the pipeline name "
              + name
              + " may hold letters, digits, dot, dash and underscore, at most 64 of them");
    }
    if ((graph == null) == (file == null)) {
      throw new IllegalArgumentException(
          "the pipeline " + name + " needs either graph or file, and not both");
    }
  }
}
