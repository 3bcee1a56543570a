/// Configuration that changes live: all of a valid file takes effect or nothing of an invalid one.
/// Readers take no lock; changes are made one after another by the platform thread
/// `millrace-config`, and `millrace-config-watch` looks whether there is one. Open [Reloader]
/// first.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.config;
