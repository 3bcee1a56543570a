/// Tests of the data directory, of backups and of restoring them.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.data;
