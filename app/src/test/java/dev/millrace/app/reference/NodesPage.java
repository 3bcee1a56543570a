package dev.millrace.app.reference;

import dev.millrace.app.server.Catalogue;
import java.util.Locale;

/// `nodes.md`: what a graph may be made of.
final class NodesPage {
  private NodesPage() {}

  static String text() {
    var page =
        Page.titled("Node types")
            .paragraph(
                "What a graph may be made of. In a graph a node is `{id, type, config}`; of a"
                    + " secret key either form may be written. A change of a graph, by a reload,"
                    + " is taken over while the pipeline runs, where that can be.");
    for (var type : Catalogue.forChecking().types()) {
      page.section(type.name()).paragraph(type.summary());
      var role = new StringBuilder("A ").append(type.role().name().toLowerCase(Locale.ROOT));
      if (type.live()) {
        role.append("; live, so `--replay` and the demo put another source in its place");
      }
      if (!type.aliases().isEmpty()) {
        role.append("; also called ").append(String.join(", ", type.aliases()));
      }
      page.paragraph(role.append('.').toString());
      if (!type.spec().keys().isEmpty()) {
        KeyTable.plain(page, type.spec());
      }
    }
    return page.text();
  }
}
