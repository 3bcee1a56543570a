/// TLS for servers: certificate and key out of PEM files, checked before use and exchangeable while
/// connections are open. Reads files on the calling thread, never on a loop. Open [Tls] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.net.tls;
