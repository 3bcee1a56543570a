package dev.millrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.millrace.core.route.Response;
import dev.millrace.core.route.Route;
import dev.millrace.core.route.Surface;
import dev.millrace.gateway.http.RouteTable.Found;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouteTableTest {
  private static final Set<Surface> ALL = EnumSet.allOf(Surface.class);

  private static RouteTable table(String... paths) {
    var routes = new ArrayList<Route>();
    for (var path : paths) {
      var docs = Route.Docs.of("For a test.");
      routes.add(new Route("GET", path, Route.Access.PUBLIC, docs, request -> Response.empty(200)));
    }
    return new RouteTable(routes, List.of(), List.of());
  }

  private static String find(RouteTable table, String path) {
    return switch (table.find("GET", path, false, ALL)) {
      case Found.Handled(var route, var _, var _, Map<String, String> parameters) ->
          route.path() + parameters;
      case Found found -> found.getClass().getSimpleName();
    };
  }

  @Test
  void aPathIsSplitBeforeItIsDecodedAndExactOnesWin() {
    var table = table("/", "/a", "/a/{x}", "/a/b", "/a/{x}/c");
    assertThat(find(table, "/")).isEqualTo("/{}");
    assertThat(find(table, "/%61")).isEqualTo("/a{}");
    assertThat(find(table, "/a/")).as("a parameter is not empty").isEqualTo("Nothing");
    assertThat(find(table, "/a/b%2Fc")).isEqualTo("/a/{x}{x=b/c}");
    assertThat(find(table, "/a/b")).isEqualTo("/a/b{}");
    assertThat(find(table, "/a/b/c")).isEqualTo("/a/{x}/c{x=b}");
    assertThat(find(table, "/a/b/c/")).isEqualTo("Nothing");
    assertThat(find(table, "/a/b/c/d")).isEqualTo("Nothing");
    assertThat(find(table, "*")).isEqualTo("Nothing");
    assertThat(find(table, "")).isEqualTo("Nothing");
  }

  @Test
  void aPathOfManySegmentsCostsNoMoreThanOneOfFew() {
    var paths = new String[50];
    for (int i = 0; i < paths.length; i++) {
      paths[i] = "/api/v1/things" + i + "/{id}";
    }
    var table = table(paths);
    var deep = "/".repeat(60_000);
    var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assertThat(find(table, deep)).isEqualTo("Nothing");
    long before = memory.getCurrentThreadAllocatedBytes();
    assertThat(find(table, deep)).isEqualTo("Nothing");
    assertThat(memory.getCurrentThreadAllocatedBytes() - before).isLessThan(500_000);
  }
}
