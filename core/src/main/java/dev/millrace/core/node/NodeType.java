package dev.millrace.core.node;

import dev.millrace.core.spec.Spec;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/// An entry of the node catalogue: the name a graph uses, what the node's config looks like, and
/// how to make one. `S` is the config record.
///
/// `live` marks a source whose input comes once and in real time; `--replay` puts a recording in
/// its place. `stateless` says that a frame's outcome depends on that frame alone, so that several
/// instances may share the work. `terminal` says whether a config makes a node that hands nothing
/// on. `branches` are the names under which its nodes emit frames for single edges, as far as it
/// says so.
public record NodeType<S extends Record>(
    String name,
    List<String> aliases,
    Role role,
    boolean live,
    boolean stateless,
    Palette palette,
    Predicate<S> terminal,
    List<String> branches,
    String summary,
    Spec<S> spec,
    Function<S, Node> factory) {

  /// What a node does in a graph; says which edges it may have. A transform without an edge into it
  /// is fed from outside, by triggers.
  public enum Role {
    SOURCE,
    TRANSFORM,
    SINK
  }

  public static <S extends Record> NodeType<S> source(
      String name, String summary, Class<S> config, Function<S, Node> factory) {
    var palette = new Palette(name, Palette.Category.SOURCES, null, DataType.ANY);
    return of(Role.SOURCE, palette, name, summary, config, factory);
  }

  public static <S extends Record> NodeType<S> transform(
      String name, String summary, Class<S> config, Function<S, Node> factory) {
    var palette = new Palette(name, Palette.Category.PROCESSORS, DataType.ANY, DataType.ANY);
    return of(Role.TRANSFORM, palette, name, summary, config, factory);
  }

  public static <S extends Record> NodeType<S> sink(
      String name, String summary, Class<S> config, Function<S, Node> factory) {
    var palette = new Palette(name, Palette.Category.SINKS, DataType.ANY, null);
    return of(Role.SINK, palette, name, summary, config, factory);
  }

  private static <S extends Record> NodeType<S> of(
      Role role,
      Palette palette,
      String name,
      String summary,
      Class<S> config,
      Function<S, Node> factory) {
    return new NodeType<>(
        name,
        List.of(),
        role,
        false,
        false,
        palette,
        any -> role == Role.SINK,
        List.of(),
        summary,
        Spec.of(config),
        factory);
  }

  /// The same type, marked as a live source.
  public NodeType<S> asLive() {
    return new NodeType<>(
        name, aliases, role, true, stateless, palette, terminal, branches, summary, spec, factory);
  }

  /// The same type under further names.
  public NodeType<S> alsoCalled(String... names) {
    return new NodeType<>(
        name,
        List.of(names),
        role,
        live,
        stateless,
        palette,
        terminal,
        branches,
        summary,
        spec,
        factory);
  }

  /// The same type, of which several instances may share the work.
  public NodeType<S> asStateless() {
    return new NodeType<>(
        name, aliases, role, live, true, palette, terminal, branches, summary, spec, factory);
  }

  /// The same type, shown like this.
  public NodeType<S> shownAs(Palette shown) {
    return new NodeType<>(
        name, aliases, role, live, stateless, shown, terminal, branches, summary, spec, factory);
  }

  /// The same type, whose nodes hand nothing on where `when` holds for their config.
  public NodeType<S> terminalWhen(Predicate<S> when) {
    return new NodeType<>(
        name, aliases, role, live, stateless, palette, when, branches, summary, spec, factory);
  }

  /// The same type, whose nodes emit for these branches and no others.
  public NodeType<S> branchingInto(String... names) {
    return new NodeType<>(
        name,
        aliases,
        role,
        live,
        stateless,
        palette,
        terminal,
        List.of(names),
        summary,
        spec,
        factory);
  }
}
