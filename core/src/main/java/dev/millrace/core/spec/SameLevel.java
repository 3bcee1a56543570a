package dev.millrace.core.spec;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The keys of this nested record stand among the keys of the record around it, not in a mapping of
/// their own: rows beneath declare their part of a section that users see as one.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface SameLevel {}
