@NullMarked
package dev.millrace.signals;

import org.jspecify.annotations.NullMarked;
