/// Tests of `life`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.life;
