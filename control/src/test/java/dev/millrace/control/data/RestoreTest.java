package dev.millrace.control.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {
  private static final Map<String, String> FILES =
      Map.of("FORMAT", "1\n", "a/b.jsonl", "{\"n\":1}\n".repeat(40), "records.db", "rows");

  @TempDir private Path folder;

  @Test
  void theFilesComeBackAsTheyWere() throws Exception {
    var manifest = Restore.restore(write(archive(FILES)), folder.resolve("new/data"));
    assertThat(content(folder.resolve("new/data"))).isEqualTo(new TreeMap<>(FILES));
    assertThat(manifest.version()).isEqualTo("1.0");
    assertThat(manifest.bytes()).isEqualTo(FILES.values().stream().mapToLong(String::length).sum());
    DataDirectory.open(folder.resolve("new/data"), "1.0").close();
  }

  @Test
  void anEmptyFolderIsReplacedAlsoBehindALink() throws Exception {
    var place = Files.createDirectory(folder.resolve("data"));
    Files.createSymbolicLink(folder.resolve("link"), place);
    Restore.restore(write(archive(FILES)), folder.resolve("link"));
    assertThat(content(place)).hasSize(3);
    assertThat(folder.resolve("link")).isSymbolicLink();
  }

  @Test
  void dataIsNeverRestoredOver() throws Exception {
    var archive = write(archive(FILES));
    var data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("records.db"), "precious");
    assertOccupied(archive, data);
    assertThat(content(data)).containsExactly(Map.entry("records.db", "precious"));
    assertOccupied(archive, archive); // a file
    Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
    assertOccupied(archive, folder.resolve("dangling"));
    Files.createDirectory(folder.resolve("next.part"));
    assertOccupied(archive, folder.resolve("next"));
    Files.createSymbolicLink(folder.resolve("other.part"), data);
    assertOccupied(archive, folder.resolve("other"));
    assertThat(folder.resolve("next")).doesNotExist();
    assertThat(content(data)).hasSize(1);
  }

  @Test
  void anArchiveThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> Restore.restore(folder.resolve("nowhere.zip"), folder.resolve("d")))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("nowhere.zip")
        .hasMessageContaining("cannot be read");
    assertThat(folder.resolve("d")).doesNotExist();
  }

  @TestFactory
  Stream<DynamicTest> hostileArchivesAreRefusedWithASentence() throws IOException {
    var cases = new LinkedHashMap<String, Refused>();
    for (var name :
        List.of(
            "../evil",
            "a/../../evil",
            "/etc/evil",
            "a//b",
            "a/./b",
            "..",
            "",
            ".",
            "c:/evil",
            "a\\..\\evil",
            "a\u0000b",
            "a\u001b[2Jb",
            "a/",
            "\u202Etxt",
            "x".repeat(300),
            "y/".repeat(600) + "y")) {
      cases.put(
          "the name " + EntryName.shown(name), refused(archive(with(name, "evil")), "the name "));
    }
    cases.put("no manifest", refused(zip(Map.of("data/FORMAT", "1")), "it has no MANIFEST.json"));
    cases.put("not a ZIP", refused("hello".getBytes(StandardCharsets.UTF_8), "not a whole ZIP"));
    cases.put("an empty file", refused(new byte[0], "not a whole ZIP"));
    cases.put("cut off", refused(head(archive(FILES), 0.7), "not a whole ZIP"));
    cases.put("no JSON", refused(manifested("{"), "its manifest is not JSON"));
    cases.put("no object", refused(manifested("[]"), "lacks the whole number millrace_backup"));
    cases.put(
        "a later layout", refused(edited("_backup\" : 1", "_backup\" : 2"), "its layout is 2"));
    cases.put(
        "a later format",
        new Refused(
            edited("\"format\" : 1", "\"format\" : 2"), "E_DATA_FORMAT", "in format 2, made by"));
    cases.put(
        "format 0", refused(edited("\"format\" : 1", "\"format\" : 0"), "gives the format 0"));
    cases.put("a negative size", refused(edited("\"bytes\" : 4", "\"bytes\" : -4"), "impossible"));
    cases.put("a huge size", refused(edited("\"bytes\" : 4", "\"bytes\" : 9e99"), "bytes"));
    cases.put("a wrong size", refused(edited("\"bytes\" : 4", "\"bytes\" : 5"), "is not what it"));
    cases.put("longer", refused(edited("\"bytes\" : 4", "\"bytes\" : 3"), "is longer than"));
    cases.put(
        "all the disks of the world",
        new Refused(
            edited("\"bytes\" : 4", "\"bytes\" : 9000000000000000000"), "E_RESTORE", "are free"));
    cases.put(
        "sizes that overflow",
        refused(edited("\"bytes\" : 4", "\"bytes\" : 9223372036854775807"), "an impossible size"));
    cases.put("no sum", refused(edited("\"sha256\" : \"", "\"sha256\" : \"X"), "no SHA-256"));
    cases.put("no time", refused(edited("\"created\" : \"2", "\"created\" : \"x"), "when it was"));
    cases.put("no FORMAT", refused(archive(Map.of("a", "1")), "it lacks the file FORMAT"));
    cases.put("altered content", refused(altered(), "records.db is not what it was"));
    cases.put("one entry too many", refused(extra("data/evil"), "it holds 5 entries"));
    cases.put("one entry too few", refused(lacking(), "it holds 3 entries"));
    cases.put("another name", refused(renamed(), "where its manifest has"));
    cases.put(
        "a file that is a folder too",
        new Refused(archive(with("records.db/x", "evil")), "E_RESTORE", "FileAlreadyExists"));
    cases.put("a bomb", refused(bomb(), "is longer than its manifest says"));
    cases.put(
        "listed twice",
        refused(edited("\"name\" : \"records.db\"", "\"name\" : \"FORMAT\""), "FORMAT twice"));
    return cases.entrySet().stream()
        .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> assertRefused(one.getValue())));
  }

  @Test
  void anEntryThatCallsItselfALinkBecomesAPlainFile() throws Exception {
    var bytes = archive(with("passwd", "/etc/passwd"));
    // The upper half of the external attributes in the central directory: APPNOTE.TXT, 4.4.15.
    for (int i = 0; i + 46 < bytes.length; i++) {
      if (bytes[i] == 'P' && bytes[i + 1] == 'K' && bytes[i + 2] == 1 && bytes[i + 3] == 2) {
        bytes[i + 5] = 3; // made on Unix
        bytes[i + 40] = (byte) 0xFF;
        bytes[i + 41] = (byte) 0xA1;
      }
    }
    var place = folder.resolve("data");
    Restore.restore(write(bytes), place);
    assertThat(Files.isRegularFile(place.resolve("passwd"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(place.resolve("passwd")).hasContent("/etc/passwd");
  }

  @Test
  void aMutatedArchiveIsRestoredRightOrNotAtAll() throws Exception {
    var sound = archive(FILES);
    for (int seed = 0; seed < 3_000; seed++) {
      restoreRightOrNotAtAll(mutated(sound, new Random(seed)), "seed " + seed);
    }
  }

  @FuzzTest
  void anyBytesAreRestoredRightOrNotAtAll(byte[] bytes) throws Exception {
    restoreRightOrNotAtAll(bytes, "fuzz");
  }

  @Test
  void mutatedManifestsNeverBringNamesThatLeadElsewhere() {
    var sound = manifest(with("a/b", "x")).json();
    for (int seed = 0; seed < 5_000; seed++) {
      readSafely(mutated(sound, new Random(seed)), "seed " + seed);
    }
  }

  @FuzzTest
  void anyManifestIsReadOrRefused(byte[] bytes) {
    readSafely(bytes, "fuzz");
  }

  private static void readSafely(byte[] json, String as) {
    try {
      var manifest = Manifest.read(json);
      var root = Path.of("/some/where");
      assertThat(manifest.files())
          .as(as)
          .allSatisfy(
              file ->
                  assertThat(root.resolve(file.name()).normalize().startsWith(root))
                      .as(file.name())
                      .isTrue());
      assertThat(manifest.bytes()).as(as).isNotNegative();
      assertThat(Manifest.read(manifest.json())).as(as).isEqualTo(manifest);
    } catch (BadArchiveException refused) {
      assertThat(refused.getMessage()).as(as).isNotBlank();
    }
  }

  private void restoreRightOrNotAtAll(byte[] bytes, String as) throws IOException {
    var root = Files.createTempDirectory(folder, "fuzz");
    var archive = Files.write(folder.resolve("fuzzed.zip"), bytes);
    try {
      Restore.restore(archive, root.resolve("data"));
      assertThat(content(root.resolve("data"))).as(as).isEqualTo(new TreeMap<>(FILES));
      assertThat(root.toFile().list()).as(as).containsExactly("data");
    } catch (ProblemException refused) {
      assertThat(root).as(as).isEmptyDirectory();
    } finally {
      Durable.deleteTree(root);
    }
  }

  private record Refused(byte[] archive, String code, String sentence) {}

  private static Refused refused(byte[] archive, String sentence) {
    return new Refused(archive, "E_BAD_BACKUP", sentence);
  }

  private void assertRefused(Refused refused) throws IOException {
    var root = Files.createTempDirectory(folder, "case");
    var archive = Files.write(root.resolve("hostile.zip"), refused.archive());
    assertThatThrownBy(() -> Restore.restore(archive, root.resolve("data")))
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.problem().code()).isEqualTo(refused.code()))
        .hasMessageContaining(refused.sentence());
    assertThat(root.toFile().list()).containsExactly("hostile.zip");
    assertThat(folder.resolve("evil")).doesNotExist();
    assertThat(Path.of("/etc/evil")).doesNotExist();
  }

  private static void assertOccupied(Path archive, Path place) {
    assertThatThrownBy(() -> Restore.restore(archive, place))
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem -> assertThat(problem.problem().code()).isEqualTo(Restore.OCCUPIED));
  }

  private Path write(byte[] archive) throws IOException {
    return Files.write(folder.resolve("backup.zip"), archive);
  }

  private static byte[] mutated(byte[] sound, Random random) {
    var bytes = sound.clone();
    for (int times = 1 + random.nextInt(3); times > 0 && bytes.length > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> bytes = Arrays.copyOf(bytes, at);
        case 3 -> bytes = Arrays.copyOfRange(bytes, at, bytes.length);
        case 4 -> {
          int length = Math.min(bytes.length - at, 1 + random.nextInt(64));
          System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
        }
        default -> {
          var longer = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(30));
          System.arraycopy(bytes, at, longer, at + longer.length - bytes.length, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private static Map<String, String> with(String name, String content) {
    var files = new TreeMap<>(FILES);
    files.put(name, content);
    return files;
  }

  private static Manifest manifest(Map<String, String> files) {
    var listed = new ArrayList<Manifest.File>();
    new TreeMap<>(files)
        .forEach(
            (name, content) -> {
              var bytes = content.getBytes(StandardCharsets.UTF_8);
              var digest = Sha256.fresh();
              digest.update(bytes);
              listed.add(new Manifest.File(name, bytes.length, Sha256.hex(digest)));
            });
    return new Manifest(1, "1.0", Instant.parse("2025-06-21T12:00:00Z"), listed, List.of());
  }

  private static byte[] archive(Map<String, String> files) throws IOException {
    return zip(entries(text(manifest(files).json()), files));
  }

  private static Map<String, String> entries(String manifest, Map<String, String> files) {
    var entries = new LinkedHashMap<String, String>();
    entries.put("MANIFEST.json", manifest);
    new TreeMap<>(files).forEach((name, content) -> entries.put("data/" + name, content));
    return entries;
  }

  private static byte[] edited(String part, String other) throws IOException {
    var manifest = text(manifest(FILES).json());
    assertThat(manifest).contains(part);
    return zip(entries(manifest.replace(part, other), FILES));
  }

  private static byte[] manifested(String manifest) throws IOException {
    return zip(entries(manifest, FILES));
  }

  private static byte[] altered() throws IOException {
    return zip(entries(text(manifest(FILES).json()), with("records.db", "ROWS")));
  }

  private static byte[] extra(String name) throws IOException {
    var entries = entries(text(manifest(FILES).json()), FILES);
    entries.put(name, "evil");
    return zip(entries);
  }

  private static byte[] lacking() throws IOException {
    var entries = entries(text(manifest(FILES).json()), FILES);
    entries.remove("data/records.db");
    return zip(entries);
  }

  private static byte[] renamed() throws IOException {
    var entries = entries(text(manifest(FILES).json()), FILES);
    entries.remove("data/records.db");
    entries.put("data/../evil", "rows");
    return zip(entries);
  }

  private static byte[] bomb() throws IOException {
    return zip(entries(text(manifest(FILES).json()), with("records.db", "rows".repeat(5_000_000))));
  }

  private static byte[] zip(Map<String, String> entries) throws IOException {
    var bytes = new java.io.ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] head(byte[] bytes, double part) {
    return Arrays.copyOf(bytes, (int) (bytes.length * part));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Map<String, String> content(Path root) throws IOException {
    var files = new ArrayList<Path>();
    try (var all = Files.walk(root)) {
      all.filter(Files::isRegularFile).forEach(files::add);
    }
    var content = new TreeMap<String, String>();
    for (var file : files) {
      content.put(root.relativize(file).toString(), Files.readString(file));
    }
    return content;
  }
}
