package dev.millrace.app.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.signal.Signal;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What users can meet is described, and what is described can be met.
class ErrorCodesTest {
  private static final Pattern PROBLEM = Pattern.compile("\"([EW]_[A-Z_]*[A-Z])\"");
  private static final Pattern SIGNAL =
      Pattern.compile("record \\w+\\([^{]*\\)\\s*implements Signal\\b");

  private final SourceCode source = SourceCode.read();

  @Test
  void everyCodeOfAProblemIsDescribed() {
    var described = new TreeSet<String>();
    ProblemCodes.all().values().forEach(codes -> described.addAll(codes.keySet()));
    assertThat(described).isEqualTo(source.all(PROBLEM));
  }

  @Test
  void everyCodeOfAFailureIsDescribed(@TempDir Path data) throws Exception {
    var met = new TreeSet<>(FailureCodes.OF_THE_HUB);
    source.matches(FailureCodes.WITH_STATUS).forEach(match -> met.add(match.group(2)));
    source.all(FailureCodes.SEVERAL_WORDS).stream()
        .filter(word -> !word.matches("[EW]_.*") && !FailureCodes.OTHER_WORDS.contains(word))
        .forEach(met::add);
    var served = ServedRoutes.ask(data);
    served.operations().stream()
        .flatMap(one -> one.failures().stream())
        .map(ServedRoutes.Failure::code)
        .filter(code -> !code.isEmpty())
        .forEach(met::add);
    assertThat(new TreeSet<>(FailureCodes.all().keySet())).isEqualTo(met);
  }

  @Test
  void everyCloseCodeIsDescribed() {
    assertThat(CloseCodes.all().keySet()).isEqualTo(CloseCodes.usedIn(source));
  }

  @Test
  void everySignalIsAnEventOfTheOperatorsSocket() {
    var described = new TreeSet<String>();
    ConsoleSection.signals().keySet().stream()
        .map(Class<? extends Signal>::getSimpleName)
        .forEach(described::add);
    assertThat(described).isEqualTo(source.filesWith(SIGNAL));
  }
}
