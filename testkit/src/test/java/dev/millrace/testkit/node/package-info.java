/// Tests of the harness itself: good nodes pass, each kind of bad node is caught.
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.node;
