/// The folder that holds a process's files: its lock, the format it is written in and how an older
/// one is brought up to date, consistent backups while the process runs, and restoring them.
///
/// Opening and restoring run on the thread that starts the process or the command; a backup runs on
/// the thread `millrace-backup`, because it enters native code and waits for the disk. Open
/// [DataDirectory] first, then [Backup] for what an archive looks like.
@org.jspecify.annotations.NullMarked
package dev.millrace.control.data;
