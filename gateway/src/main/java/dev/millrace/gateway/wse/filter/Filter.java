package dev.millrace.gateway.wse.filter;

import tools.jackson.databind.JsonNode;

/// Criteria on payloads, compiled. An object maps dotted paths to a literal or to an object of
/// operators, and all its entries must hold: `$eq $ne $gt $gte $lt $lte $in $nin $regex $exists
/// $contains $startswith $endswith`. `$and` with a list of such objects decides alone, whatever
/// stands beside it, and so does `$or` where there is no `$and`.
///
/// - A literal null, `$eq` null included, holds for null and for nothing; `$ne` is the contrary.
/// - Where there is no value, every other operator is false, except `$nin`, and `$exists` asks
///   just that; a null is a value to it.
/// - Values of different kinds are never equal or ordered; 1 equals 1.0.
/// - `$in` without a list is false, and `$nin` true. An operator that is not known is true.
/// - Text operators look at a text, or at the JSON of another value; null has none. `$regex`
///   begins where the text does and need not reach its end; it runs in linear time, so it knows
///   neither look-around nor references back.
/// - Criteria that hold `start_from_latest` are true.
///
/// Immutable, and safe from any thread.
public final class Filter {
  /// What became of criteria.
  public sealed interface Outcome {
    record Compiled(Filter filter) implements Outcome {}

    /// They ask for too much or make no sense; the sentence says what and where.
    record Refused(String why) implements Outcome {}
  }

  private final Rule rule;

  private Filter(Rule rule) {
    this.rule = rule;
  }

  public static Outcome compile(JsonNode criteria, FilterLimits limits) {
    try {
      return new Outcome.Compiled(new Filter(new FilterCompiler(limits).compile(criteria)));
    } catch (FilterCompiler.Unacceptable refused) {
      return new Outcome.Refused(refused.what());
    }
  }

  public boolean matches(PayloadView payload) {
    return rule.matches(payload);
  }
}
