package dev.millrace.app.reference;

import dev.millrace.core.spec.KeyType;
import dev.millrace.core.spec.Spec;
import java.util.Locale;

/// The keys of a spec as a table, those of its nested specs included.
final class KeyTable {
  private final Page page;
  private final boolean showsChange;

  private KeyTable(Page page, boolean showsChange) {
    this.page = page;
    this.showsChange = showsChange;
  }

  /// For what never changes by itself.
  static void plain(Page page, Spec<?> spec) {
    page.table("key", "value", "default", "what");
    new KeyTable(page, false).rows(spec, "", false);
  }

  /// With a column that says when a change of the key takes effect.
  static void withChange(Page page, Spec<?> spec) {
    page.table("key", "value", "default", "change", "what");
    new KeyTable(page, true).rows(spec, "", false);
  }

  private void rows(Spec<?> spec, String prefix, boolean waits) {
    for (var key : spec.keys()) {
      var name = prefix + key.name();
      boolean waitsToo = waits || key.onRestart();
      switch (key.reader()) {
        case KeyType.Nested nested -> rows(Spec.of(nested.type()), name + ".", waitsToo);
        case KeyType.Many(var item, var nullable) when item instanceof KeyType.Nested nested -> {
          row(spec, prefix, key, waitsToo);
          rows(Spec.of(nested.type()), name + "[].", waitsToo);
        }
        default -> row(spec, prefix, key, waitsToo);
      }
    }
  }

  private void row(Spec<?> spec, String prefix, Spec.Key key, boolean waits) {
    var names = new StringBuilder(Page.quoted(prefix + key.name()));
    spec.fileForms()
        .forEach(
            (form, secret) -> {
              if (secret.equals(key)) {
                names.append(" or ").append(Page.quoted(prefix + form));
              }
            });
    var value = key.type() + range(key);
    var fallback = key.fallback();
    var otherwise = key.required() ? "required" : fallback == null ? "" : Page.quoted(fallback);
    if (showsChange) {
      page.row(names.toString(), value, otherwise, waits ? "restart" : "live", key.about());
    } else {
      page.row(names.toString(), value, otherwise, key.about());
    }
  }

  private static String range(Spec.Key key) {
    boolean low = Double.isFinite(key.min());
    boolean high = Double.isFinite(key.max());
    if (!low && !high) {
      return "";
    }
    return " "
        + (low ? number(key.min()) : "")
        + (low && high ? " to " : low ? " or more" : "at most ")
        + (high ? number(key.max()) : "")
        + (key.reader() instanceof KeyType.Span ? " s" : "");
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.valueOf(value);
  }
}
