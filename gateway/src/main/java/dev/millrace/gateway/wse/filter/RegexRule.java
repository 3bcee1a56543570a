package dev.millrace.gateway.wse.filter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.millrace.gateway.wse.filter.FilterCompiler.Unacceptable;
import tools.jackson.databind.JsonNode;

/// Which regular expressions a filter may have. The engine takes time in proportion to the text and
/// to its program, so what remains is to bound the program: counted repetitions inside one another
/// multiply, and are refused before the engine writes them out.
final class RegexRule {
  private static final int MOST_REPETITIONS = 1_000; // all counts multiplied
  private static final int MOST_WRITTEN_OUT = 8_192; // characters times repetitions
  private static final int LARGEST_PROGRAM = 256; // instructions, of all of a filter

  private final FilterLimits limits;
  private int regexes;
  private int program;

  RegexRule(FilterLimits limits) {
    this.limits = limits;
  }

  Condition compile(JsonNode operand) throws Unacceptable {
    if (!operand.isString()) {
      throw new Unacceptable("$regex takes a text");
    }
    var regex = operand.stringValue();
    if (++regexes > limits.regexes() || regex.length() > limits.regexLength()) {
      throw new Unacceptable(
          "a filter has at most "
              + limits.regexes()
              + " regular expressions of "
              + limits.regexLength()
              + " characters");
    }
    long repetitions = repetitions(regex);
    if (repetitions > MOST_REPETITIONS || repetitions * regex.length() > MOST_WRITTEN_OUT) {
      throw new Unacceptable("the regular expression repeats too much");
    }
    try {
      var pattern = Pattern.compile(regex);
      program += pattern.programSize();
      if (program > LARGEST_PROGRAM) {
        throw new Unacceptable("the regular expressions of the filter are too large");
      }
      return new Condition.Matches(pattern);
    } catch (PatternSyntaxException wrong) {
      throw new Unacceptable("the regular expression cannot be used: " + wrong.getDescription());
    }
  }

  /// The product of all counts in braces, at least what the expression would be written out to.
  private static long repetitions(String regex) {
    long product = 1;
    int at = regex.indexOf('{');
    while (at >= 0) {
      long largest = 1;
      long count = 0;
      for (at++; at < regex.length() && isOfCount(regex.charAt(at)); at++) {
        count = regex.charAt(at) == ',' ? 0 : Math.min(10_000, count * 10 + regex.charAt(at) - '0');
        largest = Math.max(largest, count);
      }
      product = Math.min(1_000_000, product * largest);
      at = regex.indexOf('{', at);
    }
    return product;
  }

  private static boolean isOfCount(char c) {
    return c == ',' || (c >= '0' && c <= '9');
  }
}
