@NullMarked
package dev.millrace.signals.sample;

import org.jspecify.annotations.NullMarked;
