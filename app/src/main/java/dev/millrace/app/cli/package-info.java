/// The command line: one class a command, each a thin shell around what it starts. Open
/// [MillraceCommand] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.cli;
