package dev.millrace.gateway.wse.filter;

import java.util.List;

/// A part of a filter that a payload satisfies or not. Immutable.
sealed interface Rule {
  boolean matches(PayloadView payload);

  /// Every one of them; so also none at all.
  record All(List<Rule> rules) implements Rule {
    @Override
    public boolean matches(PayloadView payload) {
      for (int i = 0; i < rules.size(); i++) {
        if (!rules.get(i).matches(payload)) {
          return false;
        }
      }
      return true;
    }
  }

  /// One of them; so not none at all.
  record Any(List<Rule> rules) implements Rule {
    @Override
    public boolean matches(PayloadView payload) {
      for (int i = 0; i < rules.size(); i++) {
        if (rules.get(i).matches(payload)) {
          return true;
        }
      }
      return false;
    }
  }

  /// Every condition on the value at a path, which is looked up once.
  record Field(FieldPath path, List<Condition> conditions) implements Rule {
    @Override
    public boolean matches(PayloadView payload) {
      var value = payload.at(path);
      for (int i = 0; i < conditions.size(); i++) {
        if (!conditions.get(i).holds(value)) {
          return false;
        }
      }
      return true;
    }
  }
}
