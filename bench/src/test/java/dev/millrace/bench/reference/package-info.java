@NullMarked
package dev.millrace.bench.reference;

import org.jspecify.annotations.NullMarked;
