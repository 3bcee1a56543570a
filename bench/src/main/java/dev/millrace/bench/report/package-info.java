/// How results are told: the machine they hold for, tables for people, JSON for machines, medians.
/// Open [Table] first. No thread of its own.
@NullMarked
package dev.millrace.bench.report;

import org.jspecify.annotations.NullMarked;
