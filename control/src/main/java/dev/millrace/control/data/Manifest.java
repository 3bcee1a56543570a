package dev.millrace.control.data;

import dev.millrace.core.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What a backup holds: the first entry of its archive, as JSON.
///
/// `format` is that of the data directory, `version` that of the program, `files` stand in the
/// order they have in the archive, and `leftOut` names what was there and is not in the backup.
public record Manifest(
    int format, String version, Instant created, List<File> files, List<LeftOut> leftOut) {

  /// The layout of the archive itself; it stands in the manifest as `millrace_backup`.
  static final int LAYOUT = 1;

  static final int MAX_FILES = 50_000;
  static final int MAX_JSON_BYTES = 32 << 20;

  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  /// A file: its name relative to the data directory, with `/`; its SHA-256 in lower-case hex.
  public record File(String name, long bytes, String sha256) {}

  public record LeftOut(String name, String reason) {}

  public Manifest {
    files = List.copyOf(files);
    leftOut = List.copyOf(leftOut);
  }

  /// Bytes of all files together.
  public long bytes() {
    return files.stream().mapToLong(File::bytes).sum();
  }

  byte[] json() {
    var json =
        Json.mapper()
            .createObjectNode()
            .put("millrace_backup", LAYOUT)
            .put("format", format)
            .put("version", version)
            .put("created", created.toString());
    var listed = json.putArray("files");
    for (var file : files) {
      listed
          .addObject()
          .put("name", file.name())
          .put("bytes", file.bytes())
          .put("sha256", file.sha256());
    }
    var missing = json.putArray("left_out");
    leftOut.forEach(one -> missing.addObject().put("name", one.name()).put("reason", one.reason()));
    return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
  }

  /// Reads a manifest and believes nothing of it: every name, size and sum is checked for sense.
  static Manifest read(byte[] json) throws BadArchiveException {
    JsonNode root;
    try {
      root = Json.tree(json);
    } catch (JacksonException broken) {
      throw new BadArchiveException("its manifest is not JSON");
    }
    long layout = whole(root, "millrace_backup");
    if (layout != LAYOUT) {
      throw new BadArchiveException(
          "its layout is " + layout + " and this version of Millrace reads layout " + LAYOUT);
    }
    long format = whole(root, "format");
    if (format < 1 || format > 999_999_999) {
      throw new BadArchiveException("its manifest gives the format " + format);
    }
    return new Manifest(
        (int) format,
        EntryName.shown(text(root, "version")),
        instant(text(root, "created")),
        files(root.path("files")),
        leftOut(root.path("left_out")));
  }

  private static List<File> files(JsonNode listed) throws BadArchiveException {
    if (!listed.isArray() || listed.size() > MAX_FILES) {
      throw new BadArchiveException("its manifest lists no files, or more than " + MAX_FILES);
    }
    var files = new ArrayList<File>(listed.size());
    var names = new HashSet<String>();
    long total = 0;
    for (var one : listed) {
      var file = new File(text(one, "name"), whole(one, "bytes"), text(one, "sha256"));
      var objection = EntryName.objection(file.name());
      if (objection != null) {
        throw new BadArchiveException(
            "the name " + EntryName.shown(file.name()) + " in it " + objection);
      }
      if (!names.add(file.name())) {
        throw new BadArchiveException("it lists " + file.name() + " twice");
      }
      if (!SHA_256.matcher(file.sha256()).matches()) {
        throw new BadArchiveException("it gives no SHA-256 of " + file.name());
      }
      total += file.bytes();
      if (file.bytes() < 0 || total < 0) {
        throw new BadArchiveException("it gives " + file.name() + " an impossible size");
      }
      files.add(file);
    }
    return files;
  }

  private static List<LeftOut> leftOut(JsonNode listed) throws BadArchiveException {
    var all = new ArrayList<LeftOut>();
    for (var one : listed) {
      all.add(
          new LeftOut(EntryName.shown(text(one, "name")), EntryName.shown(text(one, "reason"))));
    }
    return all;
  }

  private static String text(JsonNode object, String key) throws BadArchiveException {
    var value = object.path(key);
    if (!value.isString()) {
      throw new BadArchiveException("its manifest lacks the text " + key);
    }
    return value.asString();
  }

  private static long whole(JsonNode object, String key) throws BadArchiveException {
    var value = object.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new BadArchiveException("its manifest lacks the whole number " + key);
    }
    return value.asLong();
  }

  private static Instant instant(String text) throws BadArchiveException {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException broken) {
      throw new BadArchiveException("its manifest does not say when it was made");
    }
  }
}
