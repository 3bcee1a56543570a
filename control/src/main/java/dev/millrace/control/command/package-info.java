/// What operators may tell the process, from wherever they tell it. Open [CommandDesk] first. Each
/// command runs on a virtual thread of its own.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.command;
