package dev.millrace.gateway.wse.filter;

import com.google.re2j.Pattern;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One operator with its operand, ready to be asked about a value; a missing value is null, a null
/// of JSON's is not. Immutable.
sealed interface Condition {
  boolean holds(@Nullable JsonNode value);

  /// `$eq`, and a literal. Nothing is equal to null.
  record Equal(Object operand, boolean nothing) implements Condition {
    @Override
    public boolean holds(@Nullable JsonNode value) {
      if (value == null || value.isNull()) {
        return nothing;
      }
      // Nearly always a text, which then needs no other form.
      return operand instanceof String text
          ? value.isString() && text.equals(value.stringValue())
          : operand.equals(Values.normal(value));
    }
  }

  /// `$ne`, and `$nin`.
  record Not(Condition condition) implements Condition {
    @Override
    public boolean holds(@Nullable JsonNode value) {
      return !condition.holds(value);
    }
  }

  /// `$gt`, `$gte`, `$lt` and `$lte`: false for whatever has no order beside the operand.
  record Ordered(Object operand, boolean less, boolean equal, boolean greater)
      implements Condition {
    @Override
    public boolean holds(@Nullable JsonNode value) {
      int order = value == null ? Values.UNORDERED : Values.compare(value, operand);
      return order != Values.UNORDERED && (order < 0 ? less : order > 0 ? greater : equal);
    }
  }

  /// `$in`: false where there is no value.
  record In(Set<Object> operands) implements Condition {
    @Override
    public boolean holds(@Nullable JsonNode value) {
      return value != null && operands.contains(Values.normal(value));
    }
  }

  /// `$exists`.
  record Exists(boolean expected) implements Condition {
    @Override
    public boolean holds(@Nullable JsonNode value) {
      return (value != null) == expected;
    }
  }

  /// `$contains`, `$startswith` and `$endswith`, on the value's text.
  record HasText(String operand, Place place) implements Condition {
    enum Place {
      START,
      ANYWHERE,
      END
    }

    @Override
    public boolean holds(@Nullable JsonNode value) {
      if (value == null || value.isNull()) {
        return false;
      }
      var text = Values.text(value);
      return switch (place) {
        case START -> text.startsWith(operand);
        case ANYWHERE -> text.contains(operand);
        case END -> text.endsWith(operand);
      };
    }
  }

  /// `$regex`, on the beginning of the value's text, of which it sees [#SEEN] characters.
  record Matches(Pattern pattern) implements Condition {
    static final int SEEN = 1_024;

    @Override
    public boolean holds(@Nullable JsonNode value) {
      if (value == null || value.isNull()) {
        return false;
      }
      var text = Values.text(value);
      var seen = text.length() <= SEEN ? text : text.substring(0, SEEN);
      return pattern.matcher(seen).lookingAt();
    }
  }
}
