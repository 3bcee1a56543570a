/// What is wrong, where, and how to fix it. Open [Problem] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.problem;
