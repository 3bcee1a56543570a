/// Finds buffers that a class of tests did not release. Open [NothingLeaks].
@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.leaks;
