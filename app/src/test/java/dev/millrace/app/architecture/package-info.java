/// The shape of the whole: which package may know which.
@org.jspecify.annotations.NullMarked
package dev.millrace.app.architecture;
