/// Text classification: tokens, a naive Bayes model and the node that labels a stream. Arithmetic
/// without threads: [NaiveBayesModel] is immutable and shared, everything else belongs to whoever
/// made it. Open [NaiveBayesClassifier] first.
@org.jspecify.annotations.NullMarked
package dev.millrace.classify;
