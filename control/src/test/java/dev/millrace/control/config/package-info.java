/// Tests of `config`.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.config;
