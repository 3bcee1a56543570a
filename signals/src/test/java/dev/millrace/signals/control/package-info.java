@NullMarked
package dev.millrace.signals.control;

import org.jspecify.annotations.NullMarked;
