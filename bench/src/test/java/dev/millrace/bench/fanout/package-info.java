@NullMarked
package dev.millrace.bench.fanout;

import org.jspecify.annotations.NullMarked;
