/// Tests of `route`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.route;
