package dev.millrace.gateway.auth;

import dev.millrace.core.route.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a verified token said, without the token: enough to decide again when the policy changes.
/// `key` is the fingerprint of the key that signed it, `expiresAtSeconds` its `exp`.
record TrustedJwt(
    Principal principal,
    long expiresAtSeconds,
    Fingerprint key,
    @Nullable String issuer,
    List<String> audiences) {}
