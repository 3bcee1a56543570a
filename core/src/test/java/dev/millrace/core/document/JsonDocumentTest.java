package dev.millrace.core.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.core.problem.Location;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonDocumentTest {

  @Test
  void everyValueKnowsWhereItStood() {
    var root = Read.mapping("\uFEFF {\n  \"a\": [1,\n    {\"b~/\": 2}]\n}");
    assertThat(root.location().line()).isEqualTo(1);
    assertThat(root.keyLocation("a")).isEqualTo(new Location("doc", 2, 3, "/a"));
    var list = (Tree.Sequence) Read.at(root, "a");
    assertThat(list.items().get(0).location()).isEqualTo(new Location("doc", 2, 9, "/a/0"));
    var inner = (Tree.Mapping) list.items().get(1);
    assertThat(inner.keyLocation("b~/")).isEqualTo(new Location("doc", 3, 6, "/a/1/b~0~1"));
    assertThat(Read.at(inner, "b~/").location())
        .isEqualTo(new Location("doc", 3, 13, "/a/1/b~0~1"));
  }

  @Test
  void valuesKeepTheirTypes() {
    var root =
        Read.tree(
            "[1, -9223372036854775808, 9223372036854775808, 1.5, \"t\\u00e9\", true, false, null]");
    assertThat(Read.value(root, "0")).isEqualTo(1L);
    assertThat(Read.value(root, "1")).isEqualTo(Long.MIN_VALUE);
    assertThat(Read.value(root, "2")).isEqualTo(new BigInteger("9223372036854775808"));
    assertThat(Read.value(root, "3")).isEqualTo(1.5);
    assertThat(Read.value(root, "4")).isEqualTo("t\u00e9");
    assertThat(Read.value(root, "5")).isEqualTo(true);
    assertThat(Read.value(root, "6")).isEqualTo(false);
    assertThat(Read.value(root, "7")).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"a":1,\\n"a":2}       | E_DUPLICATE_KEY | 2 | the key a stands here twice
          {"a":1}\\n{}           | E_SYNTAX        | 2 | something follows the document
          {"a":\\n tru}          | E_SYNTAX        | 2 | this is not JSON
          {"a":1,}               | E_SYNTAX        | 1 | this is not JSON
          [1,2                   | E_SYNTAX        | 1 | this is not JSON
          {"a"                   | E_SYNTAX        | 1 | this is not JSON
          {                      | E_SYNTAX        | 1 | this is not JSON
          {a: 1}                 | E_SYNTAX        | 1 | this is not JSON
          [01]                   | E_SYNTAX        | 1 | this is not JSON
          """)
  void whatIsWrongIsNamedWithItsLine(String text, String code, int line, String what) {
    var problem = Read.problems(text.replace("\\n", "\n")).getFirst();
    assertThat(problem.code()).isEqualTo(code);
    assertThat(problem.location().source()).isEqualTo("doc");
    assertThat(problem.location().line()).isEqualTo(line);
    assertThat(problem.what()).contains(what);
  }

  @Test
  void allDuplicateKeysAreReportedAtOnce() {
    var problems = Read.problems("{\"a\":{\"b\":1,\"b\":2},\"a\":{},\"a\":3}");
    assertThat(problems).hasSize(3);
    assertThat(problems.getFirst().location().pointer()).isEqualTo("/a/b");
  }

  @Test
  void nestingIsBounded() {
    assertThat(Read.tree("[".repeat(200) + "]".repeat(200))).isNotNull();
    assertThat(Read.problems("[".repeat(100_000)).getFirst().what())
        .isEqualTo("values are nested deeper than 200");
  }

  @Test
  void aNumberOfAMillionDigitsIsRefusedAtOnce() {
    assertThat(Read.problems("[" + "9".repeat(1_000_000) + "]").getFirst().what())
        .contains("this is not JSON");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"a":"\\u0000"}     | a text holds a NUL character
          {"\\u0000":1}       | a text holds a NUL character
          {"a":"\\ud83d"}     | half of a surrogate pair
          {"a":"x\\udc00"}    | half of a surrogate pair
          {"a":CANARY}        | An unquoted word
          {"a":CANARY-"x"}    | An unquoted word
          {"a":'CANARY'}      | this is not JSON
          {"a":"CANARY        | this is not JSON
          {"a":1e9CANARY}     | this is not JSON
          """)
  void whatNoTextMayHoldIsRefusedAndNoValueIsQuoted(String text, String what) {
    assertThat(Read.problems(text).getFirst().what()).contains(what).doesNotContain("CANARY");
  }

  @Test
  void longKeysAroundManyValuesAreRefusedBeforeTheyFillMemory() {
    var deep = ("{\"" + "k".repeat(1_000) + "\":").repeat(150);
    assertThat(Read.problems(deep + "[" + "1,".repeat(200_000)).getFirst().what())
        .contains("keys around these values are too long");
    assertThat(Read.problems("{\"" + "k".repeat(2_000) + "\":1}").getFirst().what())
        .contains("a key has more than 1024 characters");
  }
}
