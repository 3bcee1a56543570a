package dev.millrace.core.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// A number that may also be NaN or infinite, in JSON as the text `"NaN"`, `"Infinity"` or
/// `"-Infinity"`. Without this such numbers are refused.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface NonFinite {}
