/// What a process is told: one record tree read from `millrace.yaml`, the environment and `--set`.
/// Open [ConfigReader] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.config;
