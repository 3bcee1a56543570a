/// Tests of `document`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.document;
