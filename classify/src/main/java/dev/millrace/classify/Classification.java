package dev.millrace.classify;

/// What a text was taken for. `labelIndex` counts labels in the model's order; `score` is the log
/// score of the label, ln P(label) + Σ ln P(word | label), and may be negative infinity;
/// `probability` is its softmax over all labels, from 0 to 1; `margin` is the gap to the second
/// best score, at least 0. `probability` and `margin` are NaN when no label is possible at all, and
/// `margin` is infinite when only one is. `confidence` is what naive Bayes reports as its
/// confidence: always 1.
public record Classification(
    int labelIndex,
    String label,
    double score,
    double probability,
    double margin,
    double confidence) {}
