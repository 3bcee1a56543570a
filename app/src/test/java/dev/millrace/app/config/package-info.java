/// Reading what a process is told.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.config;
