@org.jspecify.annotations.NullMarked
package dev.millrace.gateway.sse;
