package dev.millrace.gateway.wse.filter;

import java.math.BigDecimal;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// Filters as one would write them down at first, and small random criteria and payloads for them.
final class FilterModel {
  private static final String[] VALUES = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.0",
    "2",
    "-1.5",
    "\"\"",
    "\"1\"",
    "\"ab\"",
    "\"b\"",
    "[]",
    "[1]",
    "[\"b\"]",
    "{\"b\":1}"
  };
  private static final String[] FIELDS = {"a", "b", "a.b", "c"};
  private static final String[] OPERATORS = {
    "$eq",
    "$ne",
    "$gt",
    "$lt",
    "$gte",
    "$lte",
    "$in",
    "$nin",
    "$exists",
    "$contains",
    "$startswith",
    "$endswith",
    "$other"
  };

  private final Random random;

  FilterModel(Random random) {
    this.random = random;
  }

  private String any(String[] of) {
    return of[random.nextInt(of.length)];
  }

  String payload() {
    return "{\"a\":" + any(VALUES) + (random.nextBoolean() ? ",\"b\":" + any(VALUES) : "") + "}";
  }

  String criteria(int depth) {
    int kind = depth == 0 ? 9 : random.nextInt(10);
    if (kind < 4) {
      var name = kind < 2 ? "$and" : "$or";
      var list = new StringBuilder("{\"" + name + "\":[");
      for (int i = random.nextInt(3); i >= 0; i--) {
        list.append(criteria(depth - 1)).append(i > 0 ? "," : "");
      }
      return list + "]" + (kind % 2 == 0 ? ",\"a\":" + any(VALUES) : "") + "}";
    }
    var fields = new StringBuilder("{");
    for (int i = random.nextInt(2); i >= 0; i--) {
      fields.append('"').append(any(FIELDS)).append(i).append("\":").append(test());
      fields.append(i > 0 ? "," : "");
    }
    return (fields + "}").replace("0\":", "\":").replace("1\":", "\":");
  }

  private String test() {
    if (random.nextInt(3) == 0) {
      var literal = any(VALUES);
      return literal.startsWith("{") ? "{}" : literal;
    }
    var operator = any(OPERATORS);
    boolean list = operator.endsWith("in") && random.nextInt(4) > 0;
    var operand = list ? "[" + any(VALUES) + "," + any(VALUES) + "]" : any(VALUES);
    return "{\"" + operator + "\":" + operand + "}";
  }

  static boolean matches(JsonNode criteria, JsonNode payload) {
    if (criteria.has("$and")) {
      boolean all = true;
      for (var each : criteria.get("$and")) {
        all = all && matches(each, payload);
      }
      return all;
    }
    if (criteria.has("$or")) {
      boolean any = false;
      for (var each : criteria.get("$or")) {
        any = any || matches(each, payload);
      }
      return any;
    }
    boolean all = true;
    for (var entry : criteria.properties()) {
      JsonNode value = payload;
      for (var name : entry.getKey().split("\\.", -1)) {
        value = value.isObject() ? value.path(name) : MissingNode.getInstance();
      }
      var test = entry.getValue();
      if (test.isObject()) {
        for (var operator : test.properties()) {
          all = all && holds(operator.getKey(), operator.getValue(), value);
        }
      } else {
        all = all && holds("$eq", test, value);
      }
    }
    return all;
  }

  private static boolean holds(String operator, JsonNode operand, JsonNode value) {
    boolean missing = value.isMissingNode();
    boolean nothing = missing || value.isNull();
    var text = value.isString() ? value.asString() : value.toString();
    var other = operand.isString() ? operand.asString() : operand.toString();
    return switch (operator) {
      case "$eq" -> nothing ? operand.isNull() : equal(value, operand);
      case "$ne" -> nothing ? !operand.isNull() : !equal(value, operand);
      case "$gt" -> order(value, operand) == 'g';
      case "$lt" -> order(value, operand) == 'l';
      case "$gte" -> order(value, operand) == 'g' || order(value, operand) == 'e';
      case "$lte" -> order(value, operand) == 'l' || order(value, operand) == 'e';
      case "$in" -> in(value, operand);
      case "$nin" -> !in(value, operand);
      case "$exists" -> missing != truthy(operand);
      case "$contains" -> !nothing && text.contains(other);
      case "$startswith" -> !nothing && text.startsWith(other);
      case "$endswith" -> !nothing && text.endsWith(other);
      default -> true;
    };
  }

  private static boolean in(JsonNode value, JsonNode list) {
    boolean found = false;
    if (!value.isMissingNode() && list.isArray()) {
      for (var item : list) {
        found = found || equal(value, item);
      }
    }
    return found;
  }

  private static boolean truthy(JsonNode operand) {
    var text = operand.toString();
    return !(text.equals("null")
        || text.equals("false")
        || text.equals("0")
        || text.equals("\"\"")
        || text.equals("[]"));
  }

  private static boolean equal(JsonNode left, JsonNode right) {
    if (left.isNumber() && right.isNumber()) {
      return order(left, right) == 'e';
    }
    return left.equals(right)
        || (left.toString().replace("1.0", "1").equals(right.toString().replace("1.0", "1"))
            && left.getNodeType() == right.getNodeType());
  }

  private static char order(JsonNode left, JsonNode right) {
    int order;
    if (left.isNumber() && right.isNumber()) {
      order = new BigDecimal(left.asString()).compareTo(new BigDecimal(right.asString()));
    } else if (left.isString() && right.isString()) {
      order = left.asString().compareTo(right.asString());
    } else {
      return '?';
    }
    return order < 0 ? 'l' : order > 0 ? 'g' : 'e';
  }
}
