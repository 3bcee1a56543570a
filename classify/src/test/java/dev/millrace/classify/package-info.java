/// Tests of classification; [Models] makes the models and texts they share.
@org.jspecify.annotations.NullMarked
package dev.millrace.classify;
