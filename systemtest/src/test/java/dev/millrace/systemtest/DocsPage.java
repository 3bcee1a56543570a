package dev.millrace.systemtest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A page of the documentation, for what it tells its reader to type.
final class DocsPage {
  private static final Pattern COMMENT = Pattern.compile("\\s+# .*");
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

  private final String name;
  private final String text;

  private DocsPage(String name, String text) {
    this.name = name;
    this.text = text;
  }

  /// `name` is relative to the repository.
  static DocsPage of(String name) {
    try {
      return new DocsPage(name, Files.readString(MillraceProcess.home().resolve(name)));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// The words of every command that begins with `program`, without it, in order.
  List<List<String>> commands(String program) {
    return text.lines()
        .filter(line -> line.startsWith("    " + program + " "))
        .map(line -> words(COMMENT.matcher(line).replaceFirst("")))
        .map(words -> words.subList(1, words.size()))
        .toList();
  }

  /// The first command of `program` that has `word` in it.
  List<String> command(String program, String word) {
    return commands(program).stream()
        .filter(words -> words.contains(word))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " has no " + program + " … " + word));
  }

  /// The one block of YAML.
  String yaml() {
    var blocks = YAML.matcher(text).results().map(block -> block.group(1)).toList();
    if (blocks.size() != 1) {
      throw new AssertionError(name + " has " + blocks.size() + " blocks of YAML");
    }
    return blocks.getFirst();
  }

  /// The first block of YAML behind the words that have the reader save it as `file`.
  String yaml(String file) {
    return yaml(file, 0);
  }

  /// The same, `blocks` blocks further.
  String yaml(String file, int blocks) {
    int from = text.indexOf("Save this as `" + file + "`");
    if (from < 0) {
      throw new AssertionError(name + " has nothing saved as " + file);
    }
    return YAML.matcher(text.substring(from))
        .results()
        .skip(blocks)
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " has too few blocks behind " + file))
        .group(1);
  }

  /// What every match of `pattern` caught in its first group.
  List<String> all(String pattern) {
    return Pattern.compile(pattern).matcher(text).results().map(found -> found.group(1)).toList();
  }

  /// The page without lines that are comments in YAML.
  String withoutComments() {
    return text.lines().filter(line -> !line.startsWith("#")).collect(Collectors.joining("\n"));
  }

  private static List<String> words(String line) {
    var words = new ArrayList<String>();
    var matcher = WORD.matcher(line);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words;
  }
}
