package dev.millrace.control.config;

import dev.millrace.core.document.Documents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the files of one reading of the configuration and remembers each with its content's
/// digest, so that a change is told from what was really read. Confined to the thread that reads.
public final class ConfigFiles {
  /// Bytes of one file.
  public static final int MAX_BYTES = Documents.MAX_BYTES;

  /// Files of one configuration that are remembered; further ones are read but not watched.
  static final int MAX_FILES = 4_096;

  private static final String ABSENT = "absent";
  private static final String UNREADABLE = "unreadable";

  private final Map<Path, SeenFile> seen = new LinkedHashMap<>();

  /// The content of a file, at most one byte more than [#MAX_BYTES], so that whoever parses it can
  /// say that it is too large.
  public byte[] bytes(Path file) throws IOException {
    var path = absolute(file);
    try {
      var bytes = read(path);
      remember(new SeenFile(path, digest(path, bytes), null));
      return bytes;
    } catch (IOException failure) {
      remember(new SeenFile(path, failed(path), null));
      throw failure;
    }
  }

  /// The text of a file that holds a secret.
  ///
  /// @throws java.nio.charset.CharacterCodingException if it is not UTF-8
  public String text(Path file) throws IOException {
    var bytes = bytes(file);
    if (bytes.length > MAX_BYTES) {
      throw new FileSystemException(file.toString(), null, "more than " + MAX_BYTES + " bytes");
    }
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /// Remembers a file that somebody else will read. A change of its content is a change of `key`.
  /// To be called before the other reads: a change in between is then seen.
  public void note(String key, Path file) {
    var path = absolute(file);
    remember(new SeenFile(path, digest(path), key));
  }

  public List<SeenFile> seen() {
    return new ArrayList<>(seen.values());
  }

  /// What [SeenFile#digest] would be for the file now.
  static String digest(Path file) {
    try {
      return digest(file, read(file));
    } catch (IOException failure) {
      return failed(file);
    }
  }

  private void remember(SeenFile file) {
    if (seen.size() < MAX_FILES || seen.containsKey(file.path())) {
      seen.put(file.path(), file);
    }
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      // A pipe or a device would make its reader wait.
      throw new FileSystemException(file.toString(), null, "not a regular file");
    }
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_BYTES + 1);
    }
  }

  private static String failed(Path file) {
    return Files.exists(file) ? UNREADABLE : ABSENT;
  }

  /// Of a large file only the beginning is read; size and time speak for the rest.
  private static String digest(Path file, byte[] bytes) throws IOException {
    var rest =
        bytes.length > MAX_BYTES
            ? "+" + Files.size(file) + "@" + Files.getLastModifiedTime(file).toMillis()
            : "";
    return sha256(bytes) + rest;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private static Path absolute(Path file) {
    return file.toAbsolutePath(); // not normalized: a .. behind a link means what the system says
  }
}
