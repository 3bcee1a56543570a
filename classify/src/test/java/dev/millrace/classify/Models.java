package dev.millrace.classify;

import dev.millrace.core.problem.Problem;
import dev.millrace.core.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// Models and documents that tests make themselves.
final class Models {
  private Models() {}

  /// The fuzzer's agent leaves files there.
  static void makeTemporaryFolder() throws IOException {
    Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
  }

  static NaiveBayesModel read(String json) throws ProblemException {
    return read(json.getBytes(StandardCharsets.UTF_8), ModelLimits.DEFAULT);
  }

  static NaiveBayesModel read(byte[] json, ModelLimits limits) throws ProblemException {
    return NaiveBayesReader.read("model.json", new ByteArrayInputStream(json), limits);
  }

  /// What is wrong with `json`.
  static Problem problem(String json) {
    return problem(json.getBytes(StandardCharsets.UTF_8), ModelLimits.DEFAULT);
  }

  static Problem problem(byte[] json, ModelLimits limits) {
    try {
      throw new AssertionError("was read as " + read(json, limits));
    } catch (ProblemException refused) {
      return refused.problem();
    }
  }

  static byte[] written(NaiveBayesTrainer trainer) throws ProblemException {
    var out = new ByteArrayOutputStream();
    trainer.writeTo(out);
    return out.toByteArray();
  }

  /// A trainer that has seen `documents` of three made-up topics that share half their words.
  static NaiveBayesTrainer trained(Random random, int documents) throws ProblemException {
    var trainer = new NaiveBayesTrainer();
    for (int i = 0; i < documents; i++) {
      int topic = random.nextInt(3);
      trainer.add(label(topic), document(random, topic));
    }
    return trainer;
  }

  static String label(int topic) {
    return "topic-" + (char) ('a' + topic);
  }

  static String document(Random random, int topic) {
    var text = new StringBuilder();
    int words = 3 + random.nextInt(12);
    for (int i = 0; i < words; i++) {
      boolean shared = random.nextBoolean();
      int word = (int) Math.abs(random.nextGaussian() * 40);
      text.append(shared ? "Common" : label(topic).replace('-', '_')).append(word).append(", ");
    }
    return text.toString();
  }
}
