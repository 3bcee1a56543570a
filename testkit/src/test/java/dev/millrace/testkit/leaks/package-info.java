@org.jspecify.annotations.NullMarked
package dev.millrace.testkit.leaks;
