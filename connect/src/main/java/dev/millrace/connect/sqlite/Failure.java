package dev.millrace.connect.sqlite;

import java.nio.file.Path;
import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;

/// What a failed transaction means, and what to tell the operator.
sealed interface Failure {

  /// The disk, or another process, stands in the way; the same rows will go in later.
  record Passing(String sentence) implements Failure {}

  /// A row among those of the transaction cannot be stored.
  record BadRow() implements Failure {}

  /// The file is broken: nothing will go in any more.
  record Fatal(String sentence) implements Failure {}

  static Failure of(SQLException failure, Path file, boolean limited) {
    // The low byte is the primary code: https://sqlite.org/rescode.html
    var code = SQLiteErrorCode.getErrorCode(failure.getErrorCode() & 0xFF);
    return switch (code) {
      case SQLITE_FULL ->
          new Passing(
              limited
                  ? file
                      + " has reached max_size, or its disk is full; raise max_size, delete records"
                      + " or free space; storing goes on by itself"
                  : "the disk under " + file + " is full; free space; storing goes on by itself");
      case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_NOLFS ->
          new Passing(
              file
                  + " cannot be written ("
                  + code
                  + "); check the disk and the file's permissions; storing goes on by itself");
      case SQLITE_BUSY, SQLITE_LOCKED ->
          new Passing(
              "another process is writing to "
                  + file
                  + "; end its transaction; storing goes on by itself");
      case SQLITE_CORRUPT, SQLITE_NOTADB ->
          new Fatal(
              file
                  + " is damaged; move it away and start again, or recover it with"
                  + " `sqlite3 FILE .recover`");
      default -> new BadRow();
    };
  }
}
