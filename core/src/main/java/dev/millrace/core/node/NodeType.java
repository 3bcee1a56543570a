package dev.millrace.core.node;

import dev.millrace.core.spec.Spec;
import java.util.List;
import java.util.function.Function;

/// An entry of the node catalogue: the name a graph uses, what the node's config looks like, and
/// how to make one. `S` is the config record.
///
/// `live` marks a source whose input comes once and in real time; `--replay` puts a recording in
/// its place.
public record NodeType<S extends Record>(
    String name,
    List<String> aliases,
    Role role,
    boolean live,
    String summary,
    Spec<S> spec,
    Function<S, Node> factory) {

  /// What a node does in a graph; says which edges it may have.
  public enum Role {
    SOURCE,
    TRANSFORM,
    SINK
  }

  public static <S extends Record> NodeType<S> source(
      String name, String summary, Class<S> config, Function<S, Node> factory) {
    return new NodeType<>(name, List.of(), Role.SOURCE, false, summary, Spec.of(config), factory);
  }

  public static <S extends Record> NodeType<S> transform(
      String name, String summary, Class<S> config, Function<S, Node> factory) {
    return new NodeType<>(
        name, List.of(), Role.TRANSFORM, false, summary, Spec.of(config), factory);
  }

  public static <S extends Record> NodeType<S> sink(
      String name, String summary, Class<S> config, Function<S, Node> factory) {
    return new NodeType<>(name, List.of(), Role.SINK, false, summary, Spec.of(config), factory);
  }

  /// The same type, marked as a live source.
  public NodeType<S> asLive() {
    return new NodeType<>(name, aliases, role, true, summary, spec, factory);
  }

  /// The same type under further names.
  public NodeType<S> alsoCalled(String... names) {
    return new NodeType<>(name, List.of(names), role, live, summary, spec, factory);
  }
}
