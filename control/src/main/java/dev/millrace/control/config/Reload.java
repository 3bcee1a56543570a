package dev.millrace.control.config;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.RestartKeys;
import dev.millrace.core.spec.TreeDiff;
import dev.millrace.core.time.Clock;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The steps of a reload: read, compare, keep what waits for the next start, prepare the parts,
/// commit them, publish. Nothing happens before every step that can fail has succeeded. Confined to
/// the reloader's thread.
final class Reload<C> {
  private static final Logger log = LoggerFactory.getLogger(Reload.class);

  private final LiveConfig<C> live;
  private final ConfigSource<C> source;
  private final PartChain<C> parts;
  private final Clock clock;
  private List<SeenFile> lastSeen = List.of();

  Reload(LiveConfig<C> live, ConfigSource<C> source, PartChain<C> parts, Clock clock) {
    this.live = live;
    this.source = source;
    this.parts = parts;
    this.clock = clock;
  }

  /// A configuration that may be put in force. `inForce` is the document without the changes that
  /// wait for the next start, `diff` what differs from the document read before.
  private record Candidate<C>(
      C config,
      ConfigSource.Reading reading,
      Tree.Mapping written,
      Tree.Mapping inForce,
      TreeDiff diff,
      List<String> restartRequired) {}

  ReloadOutcome run() {
    var problems = new Problems();
    var candidate = candidate(problems);
    if (candidate.isEmpty()) {
      return rejected(problems);
    }
    var now = live.state();
    var found = candidate.get();
    if (found.diff().isEmpty()) {
      if (!now.lastError().isEmpty()) {
        log.info("The configuration is sound again and says what is in force already");
      }
      live.publish(now.withoutError(found.reading().files(), problems.all()));
      return new ReloadOutcome.Unchanged(now.generation(), now.restartRequired(), problems.all());
    }
    var prepared = parts.prepare(now.config(), found.config(), problems);
    if (prepared.isEmpty()) {
      return rejected(problems);
    }
    prepared.get().commit(problems);
    var next =
        new LiveConfig.State<>(
            found.config(),
            now.generation() + 1,
            Instant.ofEpochMilli(clock.epochMillis()),
            found.inForce(),
            found.written(),
            found.reading().files(),
            found.restartRequired(),
            problems.all(),
            List.<Problem>of());
    live.publish(next);
    return new ReloadOutcome.Applied(
        next.generation(),
        found.diff(),
        found.restartRequired(),
        problems.all(),
        prepared.get().outcome());
  }

  /// What [#run] would do, without doing it; what is wrong is not remembered either.
  ReloadOutcome dryRun() {
    var problems = new Problems();
    var candidate = candidate(problems);
    var now = live.state();
    if (candidate.isEmpty()) {
      return new ReloadOutcome.Rejected(now.generation(), problems.all());
    }
    var found = candidate.get();
    if (found.diff().isEmpty()) {
      return new ReloadOutcome.Unchanged(now.generation(), now.restartRequired(), problems.all());
    }
    var prepared = parts.rehearse(now.config(), found.config(), problems);
    if (prepared.isEmpty()) {
      return new ReloadOutcome.Rejected(now.generation(), problems.all());
    }
    prepared.get().rollBack();
    return new ReloadOutcome.WouldApply(
        now.generation(), found.diff(), found.restartRequired(), problems.all());
  }

  /// The files of the last reading.
  List<SeenFile> lastSeen() {
    return lastSeen;
  }

  private Optional<Candidate<C>> candidate(Problems problems) {
    var reading = source.read(problems);
    lastSeen = reading.files();
    if (reading.document().isEmpty() || problems.hasErrors()) {
      return Optional.empty();
    }
    var written = reading.document().get();
    // Whole as it is written, because that is what the next start will read.
    var config = source.bind(written, problems);
    if (config.isEmpty() || problems.hasErrors()) {
      return Optional.empty();
    }
    var now = live.state();
    var diff =
        TreeDiff.between(now.written(), written, source.spec())
            .withChanged(changedFiles(now.files(), reading.files()));
    var restartRequired = TreeDiff.between(now.inForce(), written, source.spec()).onRestart();
    if (restartRequired.isEmpty()) {
      return Optional.of(
          new Candidate<>(config.get(), reading, written, written, diff, restartRequired));
    }
    var inForce = RestartKeys.kept(now.inForce(), written, source.spec());
    var mixed = new Problems(); // its warnings have been given
    var bound = source.bind(inForce, mixed);
    if (bound.isEmpty() || mixed.hasErrors()) {
      mixed.all().stream().filter(Problem::isError).forEach(problems::add);
      problems.error(
          "E_NEEDS_RESTART",
          written.location(),
          "this is sound, but not together with the values that stay in force until the next"
              + " start: "
              + String.join(", ", restartRequired),
          "Restart the process, or change those keys and the others one after another.");
      return Optional.empty();
    }
    return Optional.of(
        new Candidate<>(bound.get(), reading, written, inForce, diff, restartRequired));
  }

  private ReloadOutcome rejected(Problems problems) {
    var now = live.state();
    live.publish(now.withError(problems.all()));
    return new ReloadOutcome.Rejected(now.generation(), problems.all());
  }

  /// The keys that name the same file as before, whose content is another.
  private static List<String> changedFiles(List<SeenFile> before, List<SeenFile> after) {
    var digests = new HashMap<Path, String>();
    before.forEach(file -> digests.put(file.path(), file.digest()));
    var changed = new ArrayList<String>();
    for (var file : after) {
      var digest = digests.get(file.path());
      if (file.key() != null && digest != null && !digest.equals(file.digest())) {
        changed.add(file.key());
      }
    }
    return changed;
  }
}
