@NullMarked
package dev.millrace.signals.file;

import org.jspecify.annotations.NullMarked;
