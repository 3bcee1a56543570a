/// What operators may tell the process, from wherever they tell it. Open [CommandDesk] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.command;
