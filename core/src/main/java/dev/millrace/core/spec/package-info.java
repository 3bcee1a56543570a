/// A record is the declaration: defaults, validation, docs and JSON Schema all come from it. Open
/// [Spec] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.spec;
