package dev.millrace.gateway.event;

import dev.millrace.core.route.Principal;
import dev.millrace.core.route.Surface;
import org.jspecify.annotations.Nullable;

/// A caller that was turned away at the door of a route before anything of the route ran. `method`
/// and `path` are the route's own (`/api/v1/admin/backup/{id}`) and hold nothing of the caller's;
/// `code` and `message` are what it was told. `caller` is who it is, null without sound
/// credentials; `address` an IP literal.
public record Refusal(
    Surface surface,
    String method,
    String path,
    String code,
    String message,
    @Nullable Principal caller,
    String address,
    String requestId) {}
