/// Tests of `millrace graph`.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.cli.graph;
