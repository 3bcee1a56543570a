/// Tests of `json`.
@org.jspecify.annotations.NullMarked
package dev.millrace.core.json;
