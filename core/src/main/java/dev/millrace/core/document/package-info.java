/// YAML and JSON as one tree that remembers where each value stood. Open [Tree] first, then
/// [Documents]. No thread, no file.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.document;
