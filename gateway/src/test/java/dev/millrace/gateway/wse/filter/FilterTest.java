package dev.millrace.gateway.wse.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.millrace.core.json.Json;
import dev.millrace.gateway.wse.codec.RandomJson;
import dev.millrace.gateway.wse.codec.WireFrame;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FilterTest {
  private static Filter.Outcome compile(String criteria) {
    return Filter.compile(Json.tree(WireFrame.bytes(criteria)), FilterLimits.DEFAULT);
  }

  private static Filter compiled(String criteria) {
    return switch (compile(criteria)) {
      case Filter.Outcome.Compiled(var filter) -> filter;
      case Filter.Outcome.Refused(var why) -> throw new AssertionError(criteria + ": " + why);
    };
  }

  private static JsonPayload payload(String json) {
    var view = new JsonPayload();
    var bytes = WireFrame.bytes(json);
    view.payload(bytes, 0, bytes.length);
    return view;
  }

  private static boolean matches(String criteria, String payload) {
    return compiled(criteria).matches(payload(payload));
  }

  private static void holds(String criteria, String... payloads) {
    for (var payload : payloads) {
      assertThat(matches(criteria, payload)).as(criteria + " on " + payload).isTrue();
    }
  }

  private static void fails(String criteria, String... payloads) {
    for (var payload : payloads) {
      assertThat(matches(criteria, payload)).as(criteria + " on " + payload).isFalse();
    }
  }

  private static String refused(String criteria) {
    return ((Filter.Outcome.Refused) compile(criteria)).why();
  }

  @Test
  void aLiteralIsEqualToTheValue() {
    holds("{\"a\":1}", "{\"a\":1}", "{\"a\":1.0}", "{\"a\":1e0}");
    fails("{\"a\":1}", "{\"a\":2}", "{\"a\":\"1\"}", "{\"a\":true}", "{\"a\":null}", "{}");
    holds("{\"a\":\"x\"}", "{\"a\":\"x\"}");
    fails("{\"a\":\"x\"}", "{\"a\":\"X\"}", "{\"a\":[\"x\"]}");
    holds("{\"a\":[1,{\"b\":2.0}]}", "{\"a\":[1.0,{\"b\":2}]}");
    fails("{\"a\":[1,2]}", "{\"a\":[2,1]}", "{\"a\":[1]}");
    holds("{\"a\":true}", "{\"a\":true}");
    fails("{\"a\":true}", "{\"a\":1}");
  }

  @Test
  void aLiteralNullMatchesMissingOrNull() {
    holds("{\"a\":null}", "{}", "{\"a\":null}");
    fails("{\"a\":null}", "{\"a\":0}", "{\"a\":\"\"}", "{\"a\":false}", "{\"a\":[]}");
  }

  @Test
  void severalEntriesMustAllHold() {
    holds("{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}");
    fails("{\"a\":1,\"b\":2}", "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":3}");
    holds("{\"a\":{\"$gt\":1,\"$lt\":5}}", "{\"a\":2}");
    fails("{\"a\":{\"$gt\":1,\"$lt\":5}}", "{\"a\":1}", "{\"a\":5}");
    holds("{}", "{}", "{\"a\":1}");
    holds("{\"a\":{}}", "{}", "{\"a\":1}");
  }

  @Test
  void aPathWalksObjectsAndNothingElse() {
    holds("{\"a.b.c\":1}", "{\"a\":{\"b\":{\"c\":1}}}");
    fails("{\"a.b\":1}", "{\"a.b\":1}", "{\"a\":[{\"b\":1}]}", "{\"a\":1}", "{\"a\":null}");
    fails("{\"a.0\":1}", "{\"a\":[1]}");
    holds("{\"a.b\":null}", "{}", "{\"a\":1}", "{\"a\":{\"b\":null}}");
    holds("{\"\":1}", "{\"\":1}");
    holds("{\".\":1}", "{\"\":{\"\":1}}");
  }

  @Test
  void aPayloadThatIsNoObjectIsSeenAsClientsSeeIt() {
    holds("{\"data\":5}", "5");
    holds("{\"data.x\":{\"$exists\":false}}", "[1]");
    fails("{\"x\":5}", "5");
  }

  @Test
  void equalAndNotEqualKnowMissingValues() {
    holds("{\"a\":{\"$eq\":null}}", "{}", "{\"a\":null}");
    fails("{\"a\":{\"$eq\":1}}", "{}", "{\"a\":null}");
    holds("{\"a\":{\"$ne\":1}}", "{}", "{\"a\":null}", "{\"a\":2}", "{\"a\":\"1\"}");
    fails("{\"a\":{\"$ne\":1}}", "{\"a\":1}", "{\"a\":1.0}");
    fails("{\"a\":{\"$ne\":null}}", "{}", "{\"a\":null}");
    holds("{\"a\":{\"$ne\":null}}", "{\"a\":0}");
    holds("{\"a\":{\"$eq\":{\"b\":1}}}", "{\"a\":{\"b\":1}}");
  }

  @Test
  void comparisonsOrderNumbersAndTextsAndNothingElse() {
    holds("{\"a\":{\"$gt\":1}}", "{\"a\":1.5}", "{\"a\":1e300}", "{\"a\":1e400}");
    fails("{\"a\":{\"$gt\":1}}", "{\"a\":1}", "{\"a\":1.0}", "{\"a\":\"2\"}", "{\"a\":true}", "{}");
    holds("{\"a\":{\"$gte\":1}}", "{\"a\":1.0}", "{\"a\":2}");
    fails("{\"a\":{\"$gte\":1}}", "{\"a\":null}", "{\"a\":[2]}", "{}");
    holds("{\"a\":{\"$lt\":\"b\"}}", "{\"a\":\"a\"}", "{\"a\":\"\"}");
    fails("{\"a\":{\"$lt\":\"b\"}}", "{\"a\":\"b\"}", "{\"a\":1}", "{}");
    holds("{\"a\":{\"$lte\":-1.5}}", "{\"a\":-1.5}", "{\"a\":-2}", "{\"a\":-1e400}");
    fails("{\"a\":{\"$lte\":-1.5}}", "{\"a\":-1}", "{\"a\":{}}", "{}");
    fails("{\"a\":{\"$gt\":null}}", "{\"a\":1}", "{\"a\":null}", "{}");
    fails("{\"a\":{\"$lte\":true}}", "{\"a\":true}", "{\"a\":false}");
    fails("{\"a\":{\"$gte\":[]}}", "{\"a\":[]}", "{\"a\":[1]}");
    // Beyond 53 bits, too, where a double no longer tells them apart.
    holds("{\"a\":{\"$gt\":9007199254740992.0}}", "{\"a\":9007199254740993}");
    fails("{\"a\":{\"$gt\":9007199254740993}}", "{\"a\":9007199254740992.0}");
    holds("{\"a\":{\"$lt\":100000000000000000001}}", "{\"a\":100000000000000000000}");
    holds("{\"a\":100000000000000000000}", "{\"a\":1e20}");
    fails("{\"a\":9007199254740993}", "{\"a\":9007199254740992.0}");
    // By code points: U+FFFD is before U+1F600.
    holds("{\"a\":{\"$lt\":\"\\ud83d\\ude00\"}}", "{\"a\":\"\\ufffd\"}");
  }

  @Test
  void listsOfValuesHoldWhatIsEqualToOne() {
    holds("{\"a\":{\"$in\":[1,\"x\",null]}}", "{\"a\":1.0}", "{\"a\":\"x\"}", "{\"a\":null}");
    fails("{\"a\":{\"$in\":[1,\"x\",null]}}", "{\"a\":2}", "{\"a\":true}", "{}");
    fails("{\"a\":{\"$in\":[]}}", "{\"a\":1}", "{}");
    holds("{\"a\":{\"$nin\":[1]}}", "{\"a\":2}", "{}", "{\"a\":null}");
    fails("{\"a\":{\"$nin\":[1,null]}}", "{\"a\":1}", "{\"a\":1.0}", "{\"a\":null}");
    holds("{\"a\":{\"$in\":[[1]]}}", "{\"a\":[1.0]}");
    fails("{\"a\":{\"$in\":1}}", "{\"a\":1}", "{}");
    holds("{\"a\":{\"$nin\":1}}", "{\"a\":1}", "{}");
    fails("{\"a\":{\"$in\":\"abc\"}}", "{\"a\":\"b\"}");
  }

  @Test
  void existsAsksForPresenceAndANullIsThere() {
    holds("{\"a\":{\"$exists\":true}}", "{\"a\":1}", "{\"a\":null}", "{\"a\":false}");
    fails("{\"a\":{\"$exists\":true}}", "{}", "{\"b\":1}");
    holds("{\"a\":{\"$exists\":false}}", "{}");
    fails("{\"a\":{\"$exists\":false}}", "{\"a\":null}");
    holds("{\"a\":{\"$exists\":1}}", "{\"a\":1}");
    for (var nothing : List.of("0", "null", "\"\"", "[]", "{}", "0.0")) {
      holds("{\"a\":{\"$exists\":" + nothing + "}}", "{}");
    }
  }

  @Test
  void textOperatorsLookAtTheTextOfTheValue() {
    holds(
        "{\"a\":{\"$contains\":\"b\"}}", "{\"a\":\"abc\"}", "{\"a\":[\"b\"]}", "{\"a\":{\"b\":1}}");
    fails("{\"a\":{\"$contains\":\"b\"}}", "{\"a\":\"xyz\"}", "{}", "{\"a\":null}");
    holds("{\"a\":{\"$contains\":\"\"}}", "{\"a\":\"\"}");
    fails("{\"a\":{\"$contains\":\"\"}}", "{}");
    holds("{\"a\":{\"$startswith\":\"12\"}}", "{\"a\":123}", "{\"a\":\"12\"}", "{\"a\":12.5}");
    fails("{\"a\":{\"$startswith\":\"12\"}}", "{\"a\":\"112\"}", "{}", "{\"a\":1}");
    holds("{\"a\":{\"$endswith\":\"ue\"}}", "{\"a\":true}", "{\"a\":\"queue\"}");
    fails("{\"a\":{\"$endswith\":\"ue\"}}", "{\"a\":false}", "{\"a\":\"uE\"}", "{}");
    holds("{\"a\":{\"$endswith\":5}}", "{\"a\":\"15\"}", "{\"a\":1.5}");
  }

  @Test
  void aRegexBeginsWhereTheTextDoesAndNeedNotReachItsEnd() {
    holds("{\"a\":{\"$regex\":\"b+\"}}", "{\"a\":\"bbx\"}", "{\"a\":\"b\"}");
    fails("{\"a\":{\"$regex\":\"b+\"}}", "{\"a\":\"ab\"}", "{}", "{\"a\":null}");
    holds("{\"a\":{\"$regex\":\".*b$\"}}", "{\"a\":\"ab\"}");
    fails("{\"a\":{\"$regex\":\".*b$\"}}", "{\"a\":\"abc\"}");
    holds("{\"a\":{\"$regex\":\"(?i)HE[l]{2}o\\\\b\"}}", "{\"a\":\"hello world\"}");
    holds("{\"a\":{\"$regex\":\"\\\\d+\"}}", "{\"a\":42}");
    holds("{\"a\":{\"$regex\":\"\"}}", "{\"a\":\"x\"}");
  }

  @Test
  void anOperatorThatIsNotKnownHolds() {
    holds("{\"a\":{\"$near\":1}}", "{}", "{\"a\":5}");
    holds("{\"a\":{\"b\":1}}", "{}", "{\"a\":{\"b\":2}}");
    fails("{\"a\":{\"$near\":1,\"$eq\":2}}", "{\"a\":1}");
    holds("{\"$nor\":[{\"a\":1}]}", "{\"a\":1}");
  }

  @Test
  void andDecidesAloneAndSoDoesOrWhereThereIsNoAnd() {
    holds("{\"$and\":[{\"a\":1},{\"b\":2}],\"c\":3}", "{\"a\":1,\"b\":2}");
    fails("{\"$and\":[{\"a\":1},{\"b\":2}]}", "{\"a\":1}");
    holds("{\"$or\":[{\"a\":1},{\"b\":2}],\"c\":3}", "{\"b\":2}");
    fails("{\"$or\":[{\"a\":1},{\"b\":2}],\"c\":3}", "{\"c\":3}");
    holds("{\"$and\":[{\"a\":1}],\"$or\":[{\"a\":2}]}", "{\"a\":1}");
    holds("{\"$and\":[]}", "{}");
    fails("{\"$or\":[]}", "{}");
    holds(
        "{\"$or\":[{\"$and\":[{\"a\":1},{\"b\":1}]},{\"c\":1}]}", "{\"c\":1}", "{\"a\":1,\"b\":1}");
    assertThat(refused("{\"$and\":{}}")).isEqualTo("$and takes a list of criteria");
    assertThat(refused("{\"$or\":[1]}")).isEqualTo("$or takes a list of criteria, each an object");
  }

  @Test
  void criteriaThatStartFromTheLatestAreTrue() {
    holds("{\"start_from_latest\":true,\"a\":1}", "{}");
    holds("{\"start_from_latest\":false,\"$or\":[]}", "{}");
  }

  @Test
  void whatAsksForTooMuchIsRefusedWithASentence() {
    assertThat(refused("[]")).isEqualTo("a filter is an object of criteria");
    assertThat(refused("{\"$and\":[".repeat(9) + "]}".repeat(9))).contains("16 levels deep");
    assertThat(refused("{\"a\":" + "[".repeat(150) + "]".repeat(150) + "}")).contains("levels");
    assertThat(refused("{\"" + "a.".repeat(20) + "\":1}")).contains("16 names");
    var many = new StringBuilder("{\"a\":{\"$in\":[0");
    for (int i = 1; i < 257; i++) {
      many.append(',').append(i);
    }
    assertThat(refused(many + "]}}")).isEqualTo("a filter has at most 256 conditions");
    assertThat(refused("{\"$or\":[" + "{},".repeat(300) + "{}]}")).contains("256 conditions");
    assertThat(refused("{\"a\":\"" + "x".repeat(17_000) + "\"}")).contains("16384 characters");
    assertThat(refused("{\"" + "x".repeat(17_000) + "\":1}")).contains("16384 characters");
  }

  @Test
  void regexesThatCannotRunInLinearTimeOrAreTooLargeAreRefused() {
    for (var regex : List.of("(?=a)b", "(a)\\\\1", "(?<!x)y", "(", "a**", "[")) {
      assertThat(refused("{\"a\":{\"$regex\":\"" + regex + "\"}}"))
          .as(regex)
          .startsWith("the regular expression cannot be used: ");
    }
    for (var regex :
        List.of(
            "((a{100}){100}){100}",
            "(a{1000}){1000}",
            "((((x{10}){10}){10}){10}){10}",
            "(abcdefghijklmnop){1000}",
            "a{1001}",
            "a{1,99999999999999999999}")) {
      assertThat(refused("{\"a\":{\"$regex\":\"" + regex + "\"}}"))
          .as(regex)
          .isEqualTo("the regular expression repeats too much");
    }
    assertThat(refused("{\"a\":{\"$regex\":\"(?i)[a-z]{600}[a-z]*(?:xy){1}.{1}\\\\pL{1,1}{\"}}"))
        .contains("repeats too much");
    assertThat(refused("{\"a\":{\"$regex\":\"" + "a".repeat(257) + "\"}}")).contains("256 charac");
    assertThat(refused("{\"a\":{\"$regex\":\"a{300}\"}}"))
        .isEqualTo("the regular expressions of the filter are too large");
    assertThat(refused("{\"a\":{\"$regex\":\"a{150}\"},\"b\":{\"$regex\":\"a{150}\"}}"))
        .isEqualTo("the regular expressions of the filter are too large");
    assertThat(refused("{\"a\":{\"$regex\":1}}")).isEqualTo("$regex takes a text");
    var nine = new StringBuilder("{");
    for (int i = 0; i < 9; i++) {
      nine.append(i > 0 ? "," : "").append("\"a").append(i).append("\":{\"$regex\":\"x\"}");
    }
    assertThat(refused(nine + "}")).contains("at most 8 regular expressions");
  }

  @Test
  void aRegexThatWouldRunForeverElsewhereRunsQuickly() {
    var filter = compiled("{\"a\":{\"$regex\":\"(a+)+$\"}}");
    var view = payload("{\"a\":\"" + "a".repeat(100_000) + "b\"}");
    long before = System.nanoTime();
    assertThat(filter.matches(view)).as("it sees the first characters only").isTrue();
    assertThat(compiled("{\"a\":{\"$regex\":\"(a+)+b\"}}").matches(view)).isFalse();
    assertThat(System.nanoTime() - before).isLessThan(5_000_000_000L);
  }

  @Test
  void randomFiltersDecideAsANaiveModelDoes() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var model = new FilterModel(random);
    for (int i = 0; i < 20_000; i++) {
      var criteria = model.criteria(2);
      var payload = model.payload();
      assertThat(matches(criteria, payload))
          .as("seed " + seed + ", " + criteria + " on " + payload)
          .isEqualTo(
              FilterModel.matches(
                  Json.tree(WireFrame.bytes(criteria)), Json.tree(WireFrame.bytes(payload))));
    }
  }

  @Test
  void damagedCriteriaNeverFail() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var model = new FilterModel(random);
    var json = new RandomJson(random);
    for (int i = 0; i < 5_000; i++) {
      anyCriteriaAreCompiledOrRefused(json.damaged(WireFrame.bytes(model.criteria(3))));
    }
  }

  @FuzzTest
  void anyCriteriaAreCompiledOrRefused(byte[] bytes) {
    if (Json.kindOf(bytes) != null
        && Filter.compile(Json.tree(bytes), FilterLimits.DEFAULT)
            instanceof Filter.Outcome.Compiled(var filter)) {
      for (var payload : List.of("{}", "{\"a\":1,\"b\":\"x\",\"c\":{\"a\":[1.5]}}", "[]")) {
        filter.matches(payload(payload));
      }
    }
  }
}
