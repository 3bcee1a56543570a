/// Who may come in, and as whom: fixed tokens and JSON web tokens, roles, surfaces. Decisions are
/// made on the loops and never wait. Open [AccessControl] first, then [AuthPolicy].
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.auth;
