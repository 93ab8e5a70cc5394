package io.github.pg2adb.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryTypesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "numeric(12,2)|numeric",
        "numeric(3,-2)|numeric",
        "numeric(12,2)[]|numeric[]",
        "character varying(24)|character varying",
        "character(4)|bpchar",
        "character(4)[]|bpchar[]",
        "bit(3)|\"bit\"",
        "bit varying(3)|bit varying",
        "timestamp(3) without time zone|timestamp without time zone",
        "time(0) with time zone[]|time with time zone[]",
        "bpchar|bpchar"
      })
  void modifiersAreLeftOut(String type, String expected) {
    assertThat(BinaryTypes.withoutModifier(type)).isEqualTo(expected);
    assertThat(BinaryTypes.isSafe(expected)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "money",
        "xml",
        "interval",
        "interval[]",
        "regclass",
        "public.numeric",
        "s.mood[]",
        "name",
        "tsvector",
        "int4range"
      })
  void whatHasNoFormOfItsOwnIsNotSafe(String type) {
    assertThat(BinaryTypes.isSafe(type)).isFalse();
  }
}
