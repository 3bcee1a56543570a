package dev.millrace.app.reference;

import dev.millrace.app.config.MillraceConfig;
import dev.millrace.core.spec.Spec;

/// `configuration.md`: the keys of `millrace.yaml`.
final class ConfigurationPage {
  private ConfigurationPage() {}

  static String text() {
    var page =
        Page.titled("Configuration")
            .paragraph(
                """
                The keys of `millrace.yaml`; how a file is read, checked and reloaded is told in
                [Configuration that changes while it runs](../guides/configuration.md). A value is
                taken from `--set a.b=c` first, then from the environment variable `MILLRACE__A__B`,
                then from the file, then from the default. `${NAME}` and `${NAME:-default}` in a value
                are filled in from the environment; `${CONFIG_DIR}` is the folder of the file.
                Durations are written `250ms`, `5s`, `2m`, `36h`; sizes `4096`, `64KB`, `1MiB`.
                Editors that know JSON Schema can use [millrace.schema.json](millrace.schema.json).
                """)
            .paragraph(
                """
                The column *change* says when a new value counts: `live` with the next reload,
                `restart` at the next start of the process; until then the old value stays in force.
                Of a secret, `x_file` holds the path of a file with the value.
                """);
    KeyTable.withChange(page, Spec.of(MillraceConfig.class));
    return page.text();
  }
}
