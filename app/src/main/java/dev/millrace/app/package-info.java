/// Everything a process is made of, put together: command line, configuration, wiring. Open [Main]
/// first, then `server.Server`.
@org.jspecify.annotations.NullMarked
package dev.millrace.app;
