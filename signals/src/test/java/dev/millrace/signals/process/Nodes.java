package dev.millrace.signals.process;

import dev.millrace.core.document.Documents;
import dev.millrace.core.frame.Frame;
import dev.millrace.core.frame.Metadata;
import dev.millrace.core.frame.Samples;
import dev.millrace.core.node.NodeType;
import dev.millrace.core.node.Processor;
import dev.millrace.core.node.Stateful;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Nodes as a graph document makes them, and frames for them.
public final class Nodes {
  private Nodes() {}

  /// A node with this config, in JSON.
  public static <S extends Record> Processor node(NodeType<S> type, String config) {
    var problems = new Problems();
    var read =
        Documents.parse("test", config.getBytes(StandardCharsets.UTF_8), problems)
            .flatMap(tree -> type.spec().read(tree, problems));
    return (Processor)
        type.factory().apply(read.orElseThrow(() -> new AssertionError(problems.toString())));
  }

  /// What is wrong with a config, or doubtful.
  public static List<String> problems(NodeType<?> type, String config) {
    var problems = new Problems();
    Documents.parse("test", config.getBytes(StandardCharsets.UTF_8), problems)
        .ifPresent(tree -> type.spec().read(tree, problems));
    return problems.all().stream().map(Problem::what).toList();
  }

  public static Frame frame(long sequence, Map<String, double[]> channels) {
    return new Frame(sequence * 1_000, sequence, Samples.of(channels), Metadata.NONE);
  }

  /// A frame of one channel.
  public static Frame frame(long sequence, String channel, double... samples) {
    return frame(sequence, Map.of(channel, samples));
  }

  /// The samples of a channel that must be there.
  public static double[] channel(Frame frame, String name) {
    if (frame.body() instanceof Samples samples) {
      var channel = samples.channel(name);
      if (channel != null) {
        return channel;
      }
    }
    throw new AssertionError("no channel " + name + " in " + frame);
  }

  public static double[] noise(Random random, int length) {
    return random.doubles(length, -1, 1).toArray();
  }

  public static double mean(double[] samples) {
    double sum = 0;
    for (double sample : samples) {
      sum += sample;
    }
    return sum / samples.length;
  }

  public static double rms(double[] samples) {
    double sum = 0;
    for (double sample : samples) {
      sum += sample * sample;
    }
    return Math.sqrt(sum / samples.length);
  }

  /// The state of a node, as a checkpoint has it.
  public static byte[] saved(Processor node) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ((Stateful) node).save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  /// Has a node continue where another was.
  public static void restore(Processor node, byte[] state) throws IOException {
    ((Stateful) node).restore(new DataInputStream(new ByteArrayInputStream(state)));
  }
}
