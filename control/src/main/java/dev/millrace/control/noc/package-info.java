/// The operators' socket `/ws/noc`: everything that happens in the process as events, and commands
/// to it. Sockets belong to their loops; commands, pictures and encoding run on virtual threads.
/// Open [NocEndpoint] first, then [NocSession].
@org.jspecify.annotations.NullMarked
package dev.millrace.control.noc;
