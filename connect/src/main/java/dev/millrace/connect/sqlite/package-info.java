/// Events in SQLite, each once. Runs on a named platform thread, because SQLite is native code on a
/// disk. Open [SqliteSink] first; [RecordStore] is the database.
@org.jspecify.annotations.NullMarked
package dev.millrace.connect.sqlite;
