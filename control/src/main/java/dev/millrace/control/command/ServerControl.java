package dev.millrace.control.command;

import dev.millrace.core.signal.Signal;
import org.jspecify.annotations.Nullable;

/// Somebody gave a command. `origin` is where, `actor` who; `error` is null when `ok`.
public record ServerControl(
    String command,
    @Nullable String target,
    String origin,
    boolean ok,
    @Nullable String error,
    String actor)
    implements Signal {}
