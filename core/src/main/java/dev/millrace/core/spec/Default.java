package dev.millrace.core.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The value of a key that is left out, written as it would stand in YAML. A component that has
/// neither this nor `@Nullable` is required; a list, a map or a nested record without it is empty
/// or all defaults.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
  String value();
}
