package dev.millrace.control.config;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.spec.Masked;
import dev.millrace.core.spec.Secrets;
import dev.millrace.core.spec.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import tools.jackson.databind.node.ObjectNode;

/// The configuration in force. Readers take no lock and may keep what they got; it never changes.
public final class LiveConfig<C> {
  private final Spec<?> spec;
  private final AtomicReference<State<C>> state; // written by the reloader's thread alone

  /// Everything about one generation. `inForce` is the document that `config` was made of;
  /// `written` is the one last found sound, which may have other values for keys that wait for the
  /// next start. `lastError` is what was wrong with the last document, empty if nothing was.
  public record State<C>(
      C config,
      long generation,
      Instant loadedAt,
      Tree.Mapping inForce,
      Tree.Mapping written,
      List<SeenFile> files,
      List<String> restartRequired,
      List<Problem> warnings,
      List<Problem> lastError) {

    /// Without the configuration, which may hold secrets.
    @Override
    public String toString() {
      return "State[generation " + generation + ", loaded at " + loadedAt + "]";
    }

    State<C> withoutError(List<SeenFile> seen, List<Problem> found) {
      return new State<>(
          config, generation, loadedAt, inForce, written, seen, restartRequired, found, List.of());
    }

    State<C> withError(List<Problem> problems) {
      return new State<>(
          config,
          generation,
          loadedAt,
          inForce,
          written,
          files,
          restartRequired,
          warnings,
          List.copyOf(problems));
    }
  }

  /// The configuration a process starts with: generation 1.
  public LiveConfig(Spec<?> spec, ConfigSource.Loaded<C> first, Instant now) {
    this.spec = spec;
    this.state =
        new AtomicReference<>(
            new State<>(
                first.config(),
                1,
                now,
                first.document(),
                first.document(),
                first.reading().files(),
                List.of(),
                first.warnings(),
                List.of()));
  }

  public C get() {
    return state.get().config();
  }

  public long generation() {
    return state.get().generation();
  }

  /// One consistent view of everything.
  public State<C> state() {
    return state.get();
  }

  /// What the documents are made of.
  public Spec<?> spec() {
    return spec;
  }

  /// What is in force, defaults included, without a secret.
  public ObjectNode masked() {
    return Masked.effective(state.get().inForce(), spec);
  }

  /// Every text of the configuration that no log may show.
  public Set<String> secrets() {
    var now = state.get();
    var found = Secrets.values(now.inForce(), spec);
    found.addAll(Secrets.values(now.written(), spec));
    return found;
  }

  void publish(State<C> next) {
    state.set(next);
  }
}
