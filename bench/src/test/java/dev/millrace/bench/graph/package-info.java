@NullMarked
package dev.millrace.bench.graph;

import org.jspecify.annotations.NullMarked;
