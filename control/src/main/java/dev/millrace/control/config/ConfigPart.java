package dev.millrace.control.config;

import dev.millrace.core.json.Json;
import dev.millrace.core.problem.ProblemException;
import tools.jackson.databind.node.ObjectNode;

/// A part of the process that follows the configuration. `before` is always the configuration that
/// was in force, `after` one that is sound and differs from it.
///
/// Called by one thread at a time, which may wait, with a deadline.
public interface ConfigPart<C> {

  /// What messages call this part.
  String name();

  /// Does everything that can fail, without a visible change: opens, checks, builds.
  ///
  /// @throws ProblemException if `after` cannot take effect here; nothing takes effect then
  Change prepare(C before, C after) throws ProblemException;

  /// What a dry run prepares instead, and always rolls back: whatever can be found out without
  /// starting or stopping anything that others notice.
  ///
  /// @throws ProblemException as [#prepare] does
  default Change rehearse(C before, C after) throws ProblemException {
    return prepare(before, after);
  }

  /// A change that is ready. Exactly one of the two is called, once.
  interface Change {
    /// Makes the change visible. Must not fail; what fails all the same is logged and counted, and
    /// the other parts go on.
    void commit();

    /// Undoes what was prepared.
    void rollBack();

    /// What the change came to here, for the audit trail, once it is made; nothing where the
    /// document says it all. Must not fail.
    default ObjectNode outcome() {
      return Json.mapper().createObjectNode();
    }

    /// Nothing to change here.
    static Change none() {
      return new Change() {
        @Override
        public void commit() {}

        @Override
        public void rollBack() {}
      };
    }
  }
}
