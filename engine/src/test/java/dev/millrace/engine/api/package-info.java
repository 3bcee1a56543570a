/// Pipelines over HTTP.
@org.jspecify.annotations.NullMarked
package dev.millrace.engine.api;
