@NullMarked
package dev.millrace.bench.micro;

import org.jspecify.annotations.NullMarked;
