@NullMarked
package dev.millrace.signals.bridge;

import org.jspecify.annotations.NullMarked;
