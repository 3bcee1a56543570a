package dev.millrace.gateway.wse.filter;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Compiles criteria within limits; once, then it is done.
final class FilterCompiler {
  private static final String LATEST = "start_from_latest";

  /// Why criteria are refused; carries no stack, because it is an answer and not a failure.
  static final class Unacceptable extends Exception {
    Unacceptable(String what) {
      super(what, null, false, false);
    }

    String what() {
      var what = getMessage();
      return what == null ? "" : what;
    }
  }

  private final FilterLimits limits;
  private final RegexRule regexes;
  private int conditions;
  private int texts;

  FilterCompiler(FilterLimits limits) {
    this.limits = limits;
    this.regexes = new RegexRule(limits);
  }

  Rule compile(JsonNode criteria) throws Unacceptable {
    if (!criteria.isObject()) {
      throw new Unacceptable("a filter is an object of criteria");
    }
    checkDepth(criteria, 1);
    return criteria(criteria);
  }

  private Rule criteria(JsonNode criteria) throws Unacceptable {
    if (criteria.has(LATEST)) {
      return new Rule.All(List.of());
    }
    var and = criteria.get("$and");
    if (and != null) {
      return new Rule.All(alternatives("$and", and));
    }
    var or = criteria.get("$or");
    if (or != null) {
      return new Rule.Any(alternatives("$or", or));
    }
    var rules = new ArrayList<Rule>();
    for (var entry : criteria.properties()) {
      var name = entry.getKey();
      if (!name.startsWith("$")) {
        rules.add(new Rule.Field(path(name), conditions(entry.getValue())));
      }
    }
    return new Rule.All(List.copyOf(rules));
  }

  private List<Rule> alternatives(String operator, JsonNode list) throws Unacceptable {
    if (!list.isArray()) {
      throw new Unacceptable(operator + " takes a list of criteria");
    }
    var rules = new ArrayList<Rule>();
    for (var item : list) {
      if (!item.isObject()) {
        throw new Unacceptable(operator + " takes a list of criteria, each an object");
      }
      count(1);
      rules.add(criteria(item));
    }
    return List.copyOf(rules);
  }

  private FieldPath path(String dotted) throws Unacceptable {
    countText(dotted);
    var path = FieldPath.of(dotted);
    if (path.length() > limits.depth()) {
      throw new Unacceptable("a path has at most " + limits.depth() + " names");
    }
    return path;
  }

  private List<Condition> conditions(JsonNode value) throws Unacceptable {
    if (!value.isObject()) {
      return List.of(equal(value));
    }
    var all = new ArrayList<Condition>();
    for (var entry : value.properties()) {
      var operand = entry.getValue();
      switch (entry.getKey()) {
        case "$eq" -> all.add(equal(operand));
        case "$ne" -> all.add(new Condition.Not(equal(operand)));
        case "$gt" -> all.add(ordered(operand, false, false, true));
        case "$gte" -> all.add(ordered(operand, false, true, true));
        case "$lt" -> all.add(ordered(operand, true, false, false));
        case "$lte" -> all.add(ordered(operand, true, true, false));
        case "$in" -> all.add(in(operand));
        case "$nin" -> all.add(new Condition.Not(in(operand)));
        case "$exists" -> {
          count(1);
          all.add(new Condition.Exists(isTruthy(operand)));
        }
        case "$contains" -> all.add(text(operand, Condition.HasText.Place.ANYWHERE));
        case "$startswith" -> all.add(text(operand, Condition.HasText.Place.START));
        case "$endswith" -> all.add(text(operand, Condition.HasText.Place.END));
        case "$regex" -> {
          count(1);
          all.add(regexes.compile(operand));
        }
        default -> count(1); // not known, so it holds
      }
    }
    return List.copyOf(all);
  }

  private Condition equal(JsonNode operand) throws Unacceptable {
    return new Condition.Equal(operand(operand), operand.isNull());
  }

  private Condition ordered(JsonNode operand, boolean less, boolean equal, boolean greater)
      throws Unacceptable {
    return new Condition.Ordered(operand(operand), less, equal, greater);
  }

  private Condition in(JsonNode operand) throws Unacceptable {
    var values = new HashSet<Object>();
    if (operand.isArray()) {
      for (var item : operand) {
        values.add(operand(item));
      }
    } else {
      count(1);
    }
    return new Condition.In(Set.copyOf(values));
  }

  private Condition text(JsonNode operand, Condition.HasText.Place place) throws Unacceptable {
    count(1);
    var text = Values.text(operand);
    countText(text);
    return new Condition.HasText(text, place);
  }

  private Object operand(JsonNode node) throws Unacceptable {
    count(node.isContainer() ? 1 + node.size() : 1);
    countText(Values.text(node));
    return Values.normal(node);
  }

  private static boolean isTruthy(JsonNode operand) {
    return switch (operand.getNodeType()) {
      case BOOLEAN -> operand.booleanValue();
      case NUMBER -> operand.doubleValue() != 0;
      case STRING -> !operand.stringValue().isEmpty();
      case ARRAY, OBJECT -> !operand.isEmpty();
      case NULL, MISSING, BINARY, POJO -> false;
    };
  }

  private void checkDepth(JsonNode node, int depth) throws Unacceptable {
    if (depth > limits.depth()) {
      throw new Unacceptable("a filter is at most " + limits.depth() + " levels deep");
    }
    for (var child : node) {
      if (child.isContainer()) {
        checkDepth(child, depth + 1);
      }
    }
  }

  private void count(int more) throws Unacceptable {
    conditions += more;
    if (conditions > limits.conditions()) {
      throw new Unacceptable("a filter has at most " + limits.conditions() + " conditions");
    }
  }

  private void countText(String text) throws Unacceptable {
    texts += text.length();
    if (texts > limits.texts()) {
      throw new Unacceptable(
          "the texts of a filter have at most " + limits.texts() + " characters");
    }
  }
}
