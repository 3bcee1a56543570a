@org.jspecify.annotations.NullMarked
package dev.millrace.signals.device;
