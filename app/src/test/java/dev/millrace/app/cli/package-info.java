/// The command line, in the process of the test.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.cli;
