package dev.millrace.bench.jmh;

/// What one benchmark came to: the mean of its iterations, the lowest and the highest, in `unit`.
public record JmhScore(
    String name, double mean, double lowest, double highest, int iterations, String unit) {}
