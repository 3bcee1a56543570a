package dev.millrace.app.reference;

import dev.millrace.control.command.ServerControl;
import dev.millrace.control.config.ConfigRejected;
import dev.millrace.control.config.ConfigReloaded;
import dev.millrace.control.pipeline.PipelineTransition;
import dev.millrace.control.telemetry.FeedTick;
import dev.millrace.control.telemetry.PipelineTick;
import dev.millrace.control.telemetry.TelemetryTick;
import dev.millrace.core.signal.Killed;
import dev.millrace.core.signal.Signal;
import dev.millrace.core.spec.Secret;
import dev.millrace.engine.pipeline.PipelineStateChanged;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// What the operators' socket `/ws/noc` speaks. Its events are the signals of the process.
final class ConsoleSection {
  private ConsoleSection() {}

  /// When each signal is announced.
  static SequencedMap<Class<? extends Signal>, String> signals() {
    var signals = new LinkedHashMap<Class<? extends Signal>, String>();
    signals.put(
        PipelineStateChanged.class,
        "A pipeline went from one state to another, at the moment `at`.");
    signals.put(PipelineTransition.class, "A pipeline began or ended a run, and why.");
    signals.put(ConfigReloaded.class, "Another configuration is in force.");
    signals.put(
        ConfigRejected.class,
        "A configuration was found wrong; `generation` is the one still in force.");
    signals.put(ServerControl.class, "Somebody gave a command, also one that was refused.");
    signals.put(Killed.class, "A connection was ended against its will.");
    signals.put(
        TelemetryTick.class,
        "A snapshot of the process, every `telemetry_frequency_seconds`; also"
            + " `GET /api/v1/telemetry`.");
    signals.put(
        PipelineTick.class,
        "Pipelines, nodes and edges, every `telemetry.ui_interval_ms` while a socket is open.");
    signals.put(FeedTick.class, "Topics and their connections, as often.");
    return signals;
  }

  static void write(Page page) {
    page.section("The operators' socket")
        .paragraph(
            """
            `/ws/noc` speaks JSON, one object a message. It begins with `hello`, the whole picture;
            `hello.n` is the number of the last event in it: one that follows with no larger number is
            in it already. A caller that may not come in gets an `error` and is closed with 4401, 4403
            or 4429.
            """);
    sent(page);
    received(page);
    events(page);
  }

  private static void sent(Page page) {
    page.subsection("What a console sends");
    page.table("message", "does");
    page.row(
        "`{\"op\":\"command\",\"id\",\"command\",\"target\":{},\"args\":{}}`",
        "Gives a command. `id`, text or an integer, comes back in the answer; the fields of"
            + " `target` and `args` together are the arguments. Commands are carried out in their"
            + " order; 64 may wait.");
    page.row("`{\"op\":\"snapshot\",\"id\"}`", "Asks for `hello` again.");
    page.row("`{\"op\":\"ping\",\"id\"}`", "Asks for a `pong`.");
    page.paragraph("Besides the commands above a console may give these, about itself:");
    page.table("command", "role", "what");
    page.row(
        "`log_subscribe`",
        "operator",
        "Follows the log: `{\"level\":\"info\",\"target\":\"\",\"limit_per_sec\":50}`, all of them"
            + " optional, 50 being the most. `LogTail` brings the records, once an interval.");
    page.row("`log_unsubscribe`", "viewer", "Ends that.");
    page.row("`snapshot`, `ping`", "viewer", "The same as the messages of that name.");
  }

  private static void received(Page page) {
    page.subsection("What it gets");
    page.table("type", "fields", "what");
    page.row(
        "`hello`",
        "`server_time`, `version`, `generation`, `boot_id`, `n`, `telemetry`, `pipelines`,"
            + " `clients`, `role`, `capabilities`, …",
        "The whole picture, first of all and when asked for.");
    page.row("`pong`", "`id`, `server_time`", "");
    page.row(
        "`CommandResult`",
        "`id`, `ok`, `request_id`, then `applied` and `result`, or `error` with `code`, `message`,"
            + " `details`",
        "What became of a command.");
    page.row(
        "`error`",
        "`id`, `error` with `code` and `message`",
        "The message was not understood. Ten within ten seconds end the socket with 4000.");
    page.row(
        "`LogTail`",
        "`payload` with `records` and `suppressed`, `ts`",
        "What has been logged; it has no `n`, for it is this console's own.");
    page.row("any other", "`payload`, `ts`, `n`", "An event.");
  }

  private static void events(Page page) {
    page.subsection("Events")
        .paragraph(
            """
            Events are numbered by `n`; a gap says that as many were missed, and `snapshot` shows how
            things stand. What is unknown is null.
            """)
        .table("type", "payload", "when");
    for (Map.Entry<Class<? extends Signal>, String> signal : signals().entrySet()) {
      page.row(
          Page.quoted(signal.getKey().getSimpleName()), fields(signal.getKey()), signal.getValue());
    }
  }

  /// The keys of the payload, by the rule that events are drawn by.
  private static String fields(Class<? extends Signal> type) {
    var fields =
        Arrays.stream(type.getRecordComponents())
            .filter(component -> !component.isAnnotationPresent(Secret.class))
            .map(component -> component.getName())
            .map(name -> name.equals("epochMicros") ? "at" : snakeCase(name))
            .map(Page::quoted)
            .collect(Collectors.joining(", "));
    return type == PipelineStateChanged.class ? fields + ", `error`" : fields;
  }

  private static String snakeCase(String camelCase) {
    return camelCase.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
  }
}
