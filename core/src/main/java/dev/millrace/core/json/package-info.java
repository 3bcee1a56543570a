/// The one JSON factory of the process, with its limits. Open [Json] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.json;
