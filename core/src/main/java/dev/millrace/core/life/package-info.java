/// Starting and stopping in order. Open [Closer] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.life;
