/// The control plane: what the process is meant to be, what it is, and who changed it. Never on the
/// path of an event.
@org.jspecify.annotations.NullMarked
package dev.millrace.control;
