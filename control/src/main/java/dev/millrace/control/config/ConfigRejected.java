package dev.millrace.control.config;

import dev.millrace.core.signal.Signal;
import java.util.List;

/// A configuration was found wrong and nothing of it took effect. `generation` is the one still in
/// force; `reason` is `ConfigInvalid`, or `ConfigMissing` when there is no file.
public record ConfigRejected(long generation, String reason, List<Finding> errors)
    implements Signal {
  public static final String INVALID = "ConfigInvalid";
  public static final String MISSING = "ConfigMissing";
}
