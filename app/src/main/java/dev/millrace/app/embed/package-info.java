/// Millrace inside another Java program: one dependency, one port, the program's own routes beside
/// ours. Called from any of the program's threads. Open [Millrace] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.embed;
