@NullMarked
package dev.millrace.signals.print;

import org.jspecify.annotations.NullMarked;
