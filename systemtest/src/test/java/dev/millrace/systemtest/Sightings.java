package dev.millrace.systemtest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.zip.ZipInputStream;

/// What the outside has seen of a process, searched for one mark.
final class Sightings {
  private static final int AROUND = 120; // characters shown on either side

  private final String mark;
  private final TreeMap<String, String> found = new TreeMap<>(); // by where it was seen
  private int seen;

  Sightings(String mark) {
    this.mark = mark;
  }

  void see(String where, String text) {
    seen++;
    int at = text.indexOf(mark);
    if (at >= 0) {
      found.putIfAbsent(
          where, text.substring(Math.max(0, at - AROUND), Math.min(text.length(), at + AROUND)));
    }
  }

  /// Every file beneath `folder`.
  void seeFiles(Path folder) {
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        see(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Every entry of an archive.
  void seeArchive(String where, byte[] zip) {
    try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        var text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        see(where + "!" + entry.getName(), entry.getName() + "\n" + text);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  void assertNone() {
    assertThat(seen).as("something was looked at").isPositive();
    var places = new StringBuilder();
    found.forEach((where, text) -> places.append("\n\n").append(where).append(":\n").append(text));
    assertThat(found.size()).as("places where the secret shows, of %s:%s\n", seen, places).isZero();
  }
}
