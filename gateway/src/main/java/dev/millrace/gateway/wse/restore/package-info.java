/// What is kept of connections that ended uncleanly, for the next one of the same user. Safe from
/// any thread. Open [RestoreStore] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.wse.restore;
