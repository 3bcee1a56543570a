package dev.millrace.app.reference;

/// `errors.md`: every stable code that somebody can meet.
final class ErrorsPage {
  private ErrorsPage() {}

  static String text() {
    var page =
        Page.titled("Errors")
            .paragraph(
                """
                Codes are stable, sentences are not. What a process ends with is in
                `./millrace help`: 0 ok, 1 the work failed, 2 usage, 69 peer unreachable, 70 drain
                timed out, 75 data directory or port in use, 78 bad configuration, 130 second
                interrupt.
                """);
    problems(page);
    failures(page);
    closes(page);
    return page.text();
  }

  private static void problems(Page page) {
    page.section("Problems")
        .paragraph(
            """
            What is wrong with a configuration, a graph or a file, from `check`, at the start, and from
            a reload. On a terminal a problem is its place, what is wrong and how to mend it; over
            REST, in `details.errors` of `CONFIG_INVALID`, it is
            `{"code","path","line","column","message","fix","source"}`.
            """);
    ProblemCodes.all()
        .forEach(
            (heading, codes) -> {
              page.subsection(heading).table("code", "what");
              codes.forEach((code, what) -> page.row(Page.quoted(code), what));
            });
  }

  private static void failures(Page page) {
    var source = SourceCode.read();
    page.section("Failures")
        .paragraph(
            """
            `error.code` of a REST answer and on `/ws/noc`, `p.code` of an error frame on `/wse` and
            `/ws/publish`. Without a status a code stands in messages only. Which route fails with
            which is in [REST](rest.md).
            """)
        .table("code", "status", "what");
    FailureCodes.all()
        .forEach(
            (code, what) -> page.row(Page.quoted(code), FailureCodes.statuses(code, source), what));
  }

  private static void closes(Page page) {
    page.section("Close codes")
        .paragraph("How the server ends a WebSocket. 4401 and 4403 are final for clients.")
        .table("code", "why");
    CloseCodes.all().forEach((code, why) -> page.row(Integer.toString(code), why));
  }
}
