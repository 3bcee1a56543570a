package dev.millrace.app.reference;

import dev.millrace.app.reference.ServedRoutes.Operation;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// `rest.md`: every route, every command, and what the operators' socket speaks.
final class RestPage {
  private static final String COMMANDS = "/api/v1/admin/";

  private RestPage() {}

  static String text(ServedRoutes served) {
    var page =
        Page.titled("REST and sockets")
            .paragraph(
                """
                Every route of the server, out of the table it serves by; the same as a machine reads
                it is at `/openapi.json`. Commands and the operators' socket have sections of their
                own at the end.
                """)
            .paragraph(
                """
                *Role* is the least role that may call a route once `auth` is configured; `public` is
                everybody, `loopback_or_viewer` everybody on loopback and elsewhere a viewer. *Surface*
                is what a listener serves it with (`server.listeners`) and what `auth.anonymous` opens.
                `GET` also answers to `HEAD`.
                """)
            .paragraph(
                """
                A failure is `{"error":{"code","message","details"},"request_id"}`. Besides its own
                failures a route may answer what any may, where it applies; [errors](errors.md) describes all
                codes:
                """)
            .paragraph(
                served.common().stream()
                    .map(failure -> failure.status() + " `" + failure.code() + "`")
                    .collect(Collectors.joining(", ", "", ".")));
    page.section("Routes").table("route", "role", "surface", "what");
    var routes =
        served.operations().stream()
            .filter(one -> one.method() != null && !isCommand(one))
            .toList();
    routes.forEach(
        one -> page.row(Page.quoted(name(one)), one.role(), one.surface(), one.summary()));
    routes.stream().filter(RestPage::hasDetails).forEach(one -> details(page, one, name(one)));
    commands(page, served);
    sockets(page, served);
    ConsoleSection.write(page);
    return page.text();
  }

  private static void commands(Page page, ServedRoutes served) {
    var commands = served.operations().stream().filter(RestPage::isCommand).toList();
    page.section("Commands")
        .paragraph(
            """
            `POST /api/v1/admin/{command}`, with a JSON object of arguments, with arguments in the
            query, or with none. The same names are commands of `/ws/noc`.
            """)
        .table("command", "role", "what");
    commands.forEach(one -> page.row(Page.quoted(command(one)), one.role(), one.summary()));
    var shared =
        commands.stream()
            .map(Operation::failures)
            .reduce(
                commands.getFirst().failures(),
                (some, more) -> some.stream().filter(more::contains).toList());
    page.paragraph("Any of them may also fail with:");
    failures(page, shared);
    for (var one : commands) {
      var own = one.failures().stream().filter(failure -> !shared.contains(failure)).toList();
      details(page, withFailures(one, own), command(one));
    }
  }

  private static void sockets(Page page, ServedRoutes served) {
    page.section("WebSockets").table("path", "role", "surface", "what");
    served.operations().stream()
        .filter(one -> one.socket() != null)
        .forEach(
            one ->
                page.row(
                    Page.quoted(one.path()),
                    one.role(),
                    one.surface(),
                    String.valueOf(one.socket())));
    page.paragraph(
            """
            On `/wse` the role `client` means: any client with sound credentials, also without a role.
            What is spoken there is in [protocol/](../../protocol/). On `/ws/publish/{topic}` every
            frame is one JSON value, the payload of one event whose type is the query's `type`, by
            default the topic; with `ack=1` each is answered `{"accepted":1}`. What is refused is
            answered with an error frame, and the socket stays open.
            """)
        .paragraph("[Close codes](errors.md#close-codes) are the same on all of them.");
  }

  private static void details(Page page, Operation one, String heading) {
    page.subsection(heading).paragraph(one.summary() + " Role: " + one.role() + ".");
    if (!one.parameters().isEmpty()) {
      page.table("parameter", "in", "what");
      one.parameters()
          .forEach(
              parameter ->
                  page.row(Page.quoted(parameter.name()), parameter.where(), parameter.what()));
    }
    if (one.takes() != null) {
      page.paragraph("Takes").code("json", one.takes());
    }
    if (one.answers() != null) {
      page.paragraph("Answers").code(language(one.answers()), one.answers());
    }
    if (!one.failures().isEmpty()) {
      page.paragraph("Fails with");
      failures(page, one.failures());
    }
  }

  private static void failures(Page page, List<ServedRoutes.Failure> failures) {
    page.table("status", "code", "when");
    failures.forEach(
        one ->
            page.row(
                Integer.toString(one.status()),
                one.code().isEmpty() ? "" : Page.quoted(one.code()),
                one.when()));
  }

  private static String language(String example) {
    return example.startsWith("{") || example.startsWith("[") ? "json" : "text";
  }

  /// Whether there is more to say than the overview does.
  private static boolean hasDetails(Operation one) {
    return !one.parameters().isEmpty()
        || one.takes() != null
        || one.answers() != null
        || !one.failures().isEmpty();
  }

  private static boolean isCommand(Operation one) {
    return one.path().startsWith(COMMANDS) && "POST".equals(one.method());
  }

  private static String command(Operation one) {
    return one.path().substring(COMMANDS.length());
  }

  private static String name(Operation one) {
    return String.valueOf(one.method()).toUpperCase(Locale.ROOT) + " " + one.path();
  }

  private static Operation withFailures(Operation one, List<ServedRoutes.Failure> failures) {
    return new Operation(
        one.method(),
        one.path(),
        one.summary(),
        one.role(),
        one.surface(),
        one.socket(),
        one.parameters(),
        one.takes(),
        one.answers(),
        failures);
  }
}
