package dev.millrace.core.signal;

import org.jspecify.annotations.Nullable;

/// Something was ended against its will. `kind` is `client`, `ingestor`, `noc` or `node`; `id`
/// names it without being a credential; `reason` is a constant such as `BackpressureOverflow`.
public record Killed(String kind, String id, String reason, @Nullable String detail)
    implements Signal {}
