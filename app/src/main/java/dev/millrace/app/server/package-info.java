/// The running process: constructed, started, drained and closed in one place. Open [Server] first;
/// [Catalogue] lists every node type, [Surface] everything clients can reach.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.server;
