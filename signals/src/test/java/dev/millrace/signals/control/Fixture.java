package dev.millrace.signals.control;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.Node;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Nodes as a graph document makes them, frames for them, and their state as a checkpoint has it.
public final class Fixture {
  private Fixture() {}

  /// A node with this config, in YAML.
  public static <S extends Record> Node node(NodeType<S> type, String config) {
    var problems = new Problems();
    var read =
        Documents.parse("test", ("--- " + config).getBytes(StandardCharsets.UTF_8), problems)
            .flatMap(tree -> type.spec().read(tree, problems));
    return type.factory().apply(read.orElseThrow(() -> new AssertionError(problems.toString())));
  }

  /// What is wrong with a config.
  public static List<String> problems(NodeType<?> type, String config) {
    var problems = new Problems();
    Documents.parse("test", ("--- " + config).getBytes(StandardCharsets.UTF_8), problems)
        .ifPresent(tree -> type.spec().read(tree, problems));
    return problems.all().stream().map(Problem::what).toList();
  }

  public static Frame frame(long sequence, Map<String, double[]> channels) {
    return new Frame(sequence * 1_000, sequence, Samples.of(channels), Metadata.NONE);
  }

  public static Frame frame(long sequence, String channel, double... samples) {
    return frame(sequence, Map.of(channel, samples));
  }

  /// Frames with the sequences from `first` on and a channel `a` that tells them apart.
  public static List<Frame> frames(long first, int count) {
    var frames = new ArrayList<Frame>();
    for (long i = first; i < first + count; i++) {
      frames.add(frame(i, "a", (double) i, -i / 2.0));
    }
    return frames;
  }

  public static byte[] saved(Node node) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ((Stateful) node).save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  public static void restore(Node node, byte[] state) throws IOException {
    ((Stateful) node).restore(new DataInputStream(new ByteArrayInputStream(state)));
  }
}
