package dev.millrace.systemtest;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// Looks into a database that a process left behind or is still writing.
final class Database {
  private final String url;

  Database(Path file) {
    this.url = "jdbc:sqlite:" + file;
  }

  /// The stored events, in the order they were stored, byte for byte.
  List<String> messages() {
    var messages = new ArrayList<String>();
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery("select cast(message as blob) from records order by id")) {
      while (rows.next()) {
        messages.add(new String(rows.getBytes(1), StandardCharsets.UTF_8));
      }
      return messages;
    } catch (SQLException failure) {
      throw new AssertionError(url + " cannot be read", failure);
    }
  }

  /// Gives each stored event, with its number from 1, in the order they were stored.
  void forEachMessage(Visitor visitor) {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery("select cast(message as blob) from records order by id")) {
      for (long n = 1; rows.next(); n++) {
        visitor.visit(n, rows.getBytes(1));
      }
    } catch (SQLException failure) {
      throw new AssertionError(url + " cannot be read", failure);
    }
  }

  @FunctionalInterface
  interface Visitor {
    void visit(long number, byte[] message);
  }

  /// How many events are stored; 0 before there is a table.
  long count() {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement();
        var rows = statement.executeQuery("select count(*) from records")) {
      return rows.getLong(1);
    } catch (SQLException notThereYet) {
      return 0;
    }
  }

  /// The first column of each row of a query, as text.
  List<String> rows(String query) {
    var found = new ArrayList<String>();
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    } catch (SQLException failure) {
      throw new AssertionError(query + " failed", failure);
    }
  }

  /// Changes something, as another program would.
  void update(String sql) {
    try (var connection = DriverManager.getConnection(url);
        var statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.executeUpdate(sql);
    } catch (SQLException failure) {
      throw new AssertionError(sql + " failed", failure);
    }
  }
}
