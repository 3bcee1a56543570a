/// What flows: [Frame], immutable, with a [Body] that is never parsed unless somebody looks. Open
// [Frame] first. No thread of its own.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.frame;
