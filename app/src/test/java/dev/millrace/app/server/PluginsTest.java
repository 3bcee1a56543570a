package dev.millrace.app.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.core.node.NodeProvider;
import dev.millrace.core.problem.ProblemException;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
  private static final String PROVIDER =
      """
      package own;
      import dev.millrace.core.frame.Frame;
      import dev.millrace.core.node.*;
      import java.util.List;
      public class Provider implements NodeProvider {
        public record Config() {}
        public List<NodeType<?>> types() {
          return List.of(NodeType.transform("NAME", "", Config.class, config -> new Pass()));
        }
        static class Pass implements Processor {
          public void process(Frame frame, Outlet outlet) { outlet.emit(frame); }
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void aJarBringsItsNodeTypes() throws Exception {
    plugin("one.jar", "OneOfMine", "own.Provider");
    plugin("two.jar", "AnotherOfMine", "own.Provider");
    var plugins = Plugins.in(folder);
    var catalogue = plugins.besides(Catalogue.forChecking());
    assertThat(plugins.types()).hasSize(2);
    assertThat(catalogue.find("OneOfMine")).isPresent();
    assertThat(catalogue.find("AnotherOfMine")).isPresent();
    assertThat(catalogue.find("SqliteSink")).isPresent();
    assertThat(Plugins.installed(Map.of("MILLRACE_PLUGINS", folder.toString())).types()).hasSize(2);
  }

  @Test
  void withoutAFolderThereAreNone() throws Exception {
    assertThat(Plugins.in(folder.resolve("missing"))).isEqualTo(Plugins.NONE);
    assertThatThrownBy(() -> Plugins.installed(Map.of("MILLRACE_PLUGINS", folder + "/missing")))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("MILLRACE_PLUGINS names it");
  }

  @Test
  void aNameThatIsTakenIsRefused() throws Exception {
    plugin("one.jar", "SqliteSink", "own.Provider");
    var plugins = Plugins.in(folder);
    assertThatThrownBy(() -> plugins.besides(Catalogue.forChecking()))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("two node types are called SqliteSink");
  }

  @Test
  void aJarThatCannotBeUsedIsNamed() throws Exception {
    plugin("broken.jar", "Mine", "own.Nowhere");
    assertThatThrownBy(() -> Plugins.in(folder))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("broken.jar")
        .hasMessageContaining("own.Nowhere");
    Files.delete(folder.resolve("broken.jar"));
    Files.writeString(folder.resolve("no.jar"), "this is no archive");
    assertThatThrownBy(() -> Plugins.in(folder))
        .isInstanceOf(ProblemException.class)
        .hasMessageContaining("no.jar")
        .hasMessageContaining("it brings no node type");
  }

  /// Compiles a provider of one type and packs it, as a user would.
  private void plugin(String jar, String type, String named) throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var classes = Files.createTempDirectory(folder, "classes");
    var source =
        new SimpleJavaFileObject(
            URI.create("string:///own/Provider.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreErrors) {
            return PROVIDER.replace("NAME", type);
          }
        };
    var complaints = new StringWriter();
    var options =
        List.of(
            "-d", classes.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    boolean compiled =
        compiler.getTask(complaints, null, null, options, null, List.of(source)).call();
    assertThat(compiled).as(complaints.toString()).isTrue();
    try (var out = new JarOutputStream(Files.newOutputStream(folder.resolve(jar)));
        var files = Files.walk(classes)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
        out.write(Files.readAllBytes(file));
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + NodeProvider.class.getName()));
      out.write(named.getBytes(StandardCharsets.UTF_8));
    }
  }
}
