package dev.millrace.control.config;

import dev.millrace.core.document.Tree;
import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.Problems;
import dev.millrace.core.spec.Spec;
import java.util.List;
import java.util.Optional;

/// Where the configuration comes from: the process reads its file, environment and options anew
/// each time it is asked. `C` is what the process makes of it.
///
/// Called by one thread at a time, which may wait for the disk.
public interface ConfigSource<C> {
  /// The code of the problem that says there is no file.
  String MISSING = "E_CONFIG_MISSING";

  /// What the document is made of.
  Spec<?> spec();

  /// Reads everything there is: the file with environment and options laid over it, variables and
  /// secrets filled in, and further files of which it consists as if they stood in it. The document
  /// is empty after an error in `problems`; the files are there in any case.
  Reading read(Problems problems);

  /// What a document means, or empty after adding an error to `problems`. Changes nothing and
  /// starts nothing.
  Optional<C> bind(Tree.Mapping document, Problems problems);

  /// What was found. `files` are all that were looked at, those included that could not be read.
  record Reading(Optional<Tree.Mapping> document, List<SeenFile> files) {
    public Reading {
      files = List.copyOf(files);
    }

    /// Without the document, which may hold secrets.
    @Override
    public String toString() {
      return "Reading[" + (document.isPresent() ? "sound, " : "broken, ") + files + "]";
    }
  }

  /// A configuration that is sound: what it was read as and what it means.
  record Loaded<C>(Reading reading, Tree.Mapping document, C config, List<Problem> warnings) {
    public Loaded {
      warnings = List.copyOf(warnings);
    }

    /// Without the configuration, which may hold secrets.
    @Override
    public String toString() {
      return "Loaded[" + reading + ", " + warnings.size() + " warnings]";
    }
  }
}
