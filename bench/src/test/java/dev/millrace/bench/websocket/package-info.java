@NullMarked
package dev.millrace.bench.websocket;

import org.jspecify.annotations.NullMarked;
