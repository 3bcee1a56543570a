/// The running process and its parts, in the process of the test.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.server;
