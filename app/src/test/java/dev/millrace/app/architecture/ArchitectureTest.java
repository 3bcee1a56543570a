package dev.millrace.app.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Holds the arrows: a package knows only rows beneath its own, and no neighbour in its row.
class ArchitectureTest {
  private static final String ROOT = "dev.millrace.";

  private static final Map<String, Integer> ROWS =
      Map.of(
          "core",
          0,
          "net",
          1,
          "engine",
          1,
          "hub",
          1,
          "classify",
          1,
          "signals",
          1,
          "connect",
          2,
          "gateway",
          3,
          "control",
          4,
          "app",
          5);

  private static final ArchRule ARROWS_POINT_DOWN =
      ArchRuleDefinition.classes().should(dependOnlyOnRowsBeneath());

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("/testkit/"))
          .importPackages("dev.millrace");

  @Test
  void arrowsPointOnlyDownward() {
    ARROWS_POINT_DOWN.check(PRODUCT);
  }

  @Test
  void everyModuleIsInARow() {
    var modules = PRODUCT.stream().map(ArchitectureTest::module).flatMap(Optional::stream);
    assertThat(modules.distinct().toList()).isSubsetOf(ROWS.keySet()).hasSizeGreaterThan(5);
  }

  @Test
  void aClassThatReachesUpwardIsFound() {
    var violating =
        new ClassFileImporter().importClasses(dev.millrace.hub.violation.ReachesUpward.class);
    assertThat(ARROWS_POINT_DOWN.evaluate(violating).getFailureReport().getDetails())
        .singleElement()
        .asString()
        .contains("hub (row 1) knows app (row 5)");
  }

  @Test
  void coreTouchesNoSocketAndNoFile() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage(ROOT + "core..")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.nio.file.Files")
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net", "java.nio.channels", "io.netty..")
        .check(PRODUCT);
  }

  @Test
  void theHubOwnsNoSocket() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage(ROOT + "hub..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net", "java.nio.channels", "io.netty.channel..")
        .check(PRODUCT);
  }

  private static ArchCondition<JavaClass> dependOnlyOnRowsBeneath() {
    return new ArchCondition<>("depend only on rows beneath their own") {
      @Override
      public void check(JavaClass from, ConditionEvents events) {
        var own = module(from);
        if (own.isEmpty()) {
          return;
        }
        from.getDirectDependenciesFromSelf().stream()
            .flatMap(dependency -> module(dependency.getTargetClass()).stream())
            .distinct()
            .filter(other -> !other.equals(own.get()) && row(other) >= row(own.get()))
            .forEach(
                other ->
                    events.add(
                        SimpleConditionEvent.violated(
                            from,
                            from.getName()
                                + ": "
                                + own.get()
                                + " (row "
                                + row(own.get())
                                + ") knows "
                                + other
                                + " (row "
                                + row(other)
                                + ")")));
      }
    };
  }

  private static int row(String module) {
    return ROWS.getOrDefault(module, Integer.MAX_VALUE);
  }

  /// The module of a class of ours: `dev.millrace.hub.lane.Chunk` is of `hub`.
  private static Optional<String> module(JavaClass type) {
    var name = type.getBaseComponentType().getPackageName();
    if (!name.startsWith(ROOT)) {
      return Optional.empty();
    }
    var rest = name.substring(ROOT.length());
    int dot = rest.indexOf('.');
    return Optional.of(dot < 0 ? rest : rest.substring(0, dot));
  }
}
