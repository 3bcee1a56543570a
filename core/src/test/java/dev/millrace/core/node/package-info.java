/// Tests of `node`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.node;
