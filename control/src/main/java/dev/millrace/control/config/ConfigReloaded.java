package dev.millrace.control.config;

import dev.millrace.core.signal.Signal;
import java.util.List;

/// Another configuration is in force. The paths are those of
/// [TreeDiff][dev.millrace.core.spec.TreeDiff]; `restartRequired` are all keys whose new value
/// waits for the next start, also those of earlier changes.
public record ConfigReloaded(
    long generation,
    List<String> added,
    List<String> removed,
    List<String> changed,
    List<String> restartRequired,
    List<Finding> warnings)
    implements Signal {}
