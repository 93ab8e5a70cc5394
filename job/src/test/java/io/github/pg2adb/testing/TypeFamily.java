package io.github.pg2adb.testing;

import java.util.ArrayList;
import java.util.List;

/**
 * A type with values that tend to get lost: ordinary, extreme and hostile ones.
 *
 * @param name a word for the table's name
 * @param type the column's type
 * @param values SQL expressions of that type
 */
public record TypeFamily(String name, String type, List<String> values) {

  /** What must exist before columns can have the types below. */
  public static final List<String> PREPARATION =
      List.of(
          "CREATE EXTENSION IF NOT EXISTS hstore",
          "CREATE EXTENSION IF NOT EXISTS citext",
          "CREATE TYPE mood AS ENUM ('sad', 'o''k', 'Very \"happy\"', 'with space', '😀')",
          "CREATE TYPE \"Mixed Case\" AS ENUM ('A', 'b')",
          "CREATE DOMAIN positive AS numeric(20, 4) CHECK (VALUE > 0)",
          "CREATE DOMAIN label AS text CHECK (length(VALUE) < 1000)",
          "CREATE TYPE pair AS (a int, b text, m mood)",
          "CREATE TYPE nested AS (p pair, list pair[])",
          "CREATE TYPE textrange AS RANGE (subtype = text, collation = \"C\")");

  /** Every family. */
  public static List<TypeFamily> all() {
    List<TypeFamily> families = new ArrayList<>();
    add(families, "boolean", "boolean", "true", "false");
    add(families, "smallint", "smallint", "0", "-32768", "32767");
    add(families, "integer", "int", "0", "-2147483648", "2147483647");
    add(families, "bigint", "bigint", "'-9223372036854775808'", "9223372036854775807");
    add(
        families,
        "numeric",
        "numeric",
        "0",
        "'NaN'",
        "0.000",
        "-0.1",
        "1e-1000",
        "1e1000",
        "123456789012345678901234567890.123456789012345678901234567890",
        "'1e131071'");
    add(
        families,
        "numeric_scale",
        "numeric(38, 10)",
        "0",
        "'NaN'",
        "1234567890123456789012345678.1234567891",
        "-0.0000000001");
    add(
        families,
        "real",
        "real",
        "0",
        "'-0'",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "1.17549435e-38",
        "3.4028235e38",
        "1e-45",
        "0.1",
        "16777217");
    add(
        families,
        "double",
        "double precision",
        "0",
        "'-0'",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "5e-324",
        "0.1",
        "1/3::float8");
    add(families, "money", "money", "0", "'-92233720368547758.08'", "'92233720368547758.07'");
    add(
        families,
        "text",
        "text",
        "''",
        "' '",
        "E'tab\\there'",
        "E'line\\nbreak'",
        "E'cr\\r'",
        "E'back\\\\slash'",
        "E'\\\\N'",
        "E'\\\\.'",
        "E'\\b\\f\\x0b'",
        "'null'",
        "'NULL'",
        "'\"quoted\", (a,b)'",
        "'__debezium_unavailable_value'",
        "'日本語 Ünïcödé 😀 𝒳'",
        "repeat('x', 100000)",
        "repeat('😀', 10000)",
        "chr(1) || chr(127) || chr(128) || chr(65533)");
    add(families, "varchar", "varchar(20)", "''", "'trailing   '", "'exactly twenty chars'");
    add(families, "char", "char(10)", "''", "'a'", "'0123456789'", "' lead'");
    add(families, "one_char", "\"char\"", "'a'", "''");
    add(families, "name", "name", "'a name'", "''");
    add(families, "citext", "citext", "'MiXeD'", "''");
    add(
        families,
        "bytea",
        "bytea",
        "''",
        "'\\x00ff5c0a09'",
        "decode(repeat('00', 5000), 'hex')",
        "convert_to('\\N', 'UTF8')");
    add(families, "bit", "bit(7)", "B'0000000'", "B'1010101'");
    add(families, "varbit", "varbit", "B''", "B'1'", "B'101010101010101010101010101010101010101'");
    add(
        families,
        "date",
        "date",
        "'infinity'",
        "'-infinity'",
        "'4713-01-01 BC'",
        "'5874897-12-31'",
        "'0001-01-01'",
        "'2024-02-29'",
        "'1582-10-10'");
    add(families, "time", "time", "'00:00'", "'24:00'", "'23:59:59.999999'");
    add(families, "time_scale", "time(0)", "'00:00'", "'24:00'");
    add(
        families,
        "timetz",
        "timetz",
        "'00:00+15:59'",
        "'24:00-15:59'",
        "'23:59:59.999999+05:30:15'");
    add(
        families,
        "timestamp",
        "timestamp",
        "'infinity'",
        "'-infinity'",
        "'4713-01-01 BC'",
        "'294276-12-31 23:59:59.999999'",
        "'2024-03-31 02:30'",
        "'1900-01-01 00:00:00.000001'");
    add(
        families,
        "timestamptz",
        "timestamptz",
        "'infinity'",
        "'-infinity'",
        "'4714-11-24 00:00+00 BC'",
        "'294276-12-31 23:59:59.999999+00'",
        "'2024-03-31 02:30:00 Europe/Berlin'",
        "'1890-01-01 00:00:00 Europe/Amsterdam'");
    add(
        families,
        "interval",
        "interval",
        "'0'",
        "'-178000000 years'",
        "'178000000 years'",
        "'1 mon -1 day'",
        "'-1 mon +1 day -00:00:00.000001'",
        "'2147483000:59:59.999999'",
        "'P1Y2M3DT4H5M6.7S'");
    add(
        families,
        "uuid",
        "uuid",
        "'00000000-0000-0000-0000-000000000000'",
        "'ffffffff-ffff-ffff-ffff-ffffffffffff'");
    add(families, "inet", "inet", "'0.0.0.0/0'", "'192.168.1.5/24'", "'::1'", "'2001:db8::1/64'");
    add(families, "cidr", "cidr", "'10.0.0.0/8'", "'2001:db8::/32'");
    add(families, "macaddr", "macaddr", "'08:00:2b:01:02:03'");
    add(families, "macaddr8", "macaddr8", "'08:00:2b:01:02:03:04:05'");
    add(
        families,
        "json",
        "json",
        "'{\"a\" : 1,   \"a\": 2}'",
        "'null'",
        "'\"\\u0041\\n\"'",
        "' [1e400, -0.0] '");
    add(
        families,
        "jsonb",
        "jsonb",
        "'{\"b\": 1, \"a\": [null, true, 1.10, \"é😀\"]}'",
        "'null'",
        "'\"tab\\t\"'");
    add(families, "xml", "xml", "'<a b=\"1\">x &amp; y</a>'", "'<a/><b/>'", "''");
    add(families, "hstore", "hstore", "''", "'a=>1, b=>NULL, \"c d\"=>\"e, \\\"f\\\"\"'");
    add(
        families,
        "tsvector",
        "tsvector",
        "''",
        "'a:1A b:2,3B ''it''''s'':4'",
        "to_tsvector('simple', 'the quick fox')");
    add(families, "tsquery", "tsquery", "'a & b | !c'", "'a <-> b'", "'x:*A'");
    add(families, "point", "point", "'(0,0)'", "'(NaN,Infinity)'", "'(1e-300,-0.1)'");
    add(families, "line", "line", "'{1,-1,0}'");
    add(families, "lseg", "lseg", "'[(0,0),(1,1)]'");
    add(families, "box", "box", "'(2,2),(0,0)'");
    add(families, "path", "path", "'[(0,0),(1,1)]'", "'((0,0),(1,1),(2,0))'");
    add(families, "polygon", "polygon", "'((0,0),(1,1),(2,0))'");
    add(families, "circle", "circle", "'<(0.1,0.2),3>'");
    add(families, "int4range", "int4range", "'empty'", "'[1,5)'", "'(,)'", "'[5,]'");
    add(families, "numrange", "numrange", "'(0.10,1.100]'", "'empty'");
    add(families, "tsrange", "tsrange", "'[-infinity,2024-01-01)'", "'(,infinity]'");
    add(families, "tstzrange", "tstzrange", "'[2024-01-01 00:00+02, 2024-06-01 00:00+02)'");
    add(families, "daterange", "daterange", "'[2024-01-01,2024-01-31]'");
    add(families, "textrange", "textrange", "'[\"a,b\",\"c\\\"d\"]'", "'[\"\",x)'");
    add(families, "oid", "oid", "0", "4294967295");
    add(families, "pg_lsn", "pg_lsn", "'FFFFFFFF/FFFFFFFF'", "'0/0'");
    add(families, "txid_snapshot", "txid_snapshot", "'10:20:10,14,15'");
    add(families, "enum", "mood", "'sad'", "'o''k'", "'Very \"happy\"'", "'with space'", "'😀'");
    add(families, "mixed_case_enum", "\"Mixed Case\"", "'A'", "'b'");
    add(families, "domain", "positive", "0.0001", "'9999999999999999.9999'");
    add(families, "text_domain", "label", "''", "E'a\\tb'");
    add(
        families,
        "composite",
        "pair",
        "(1, 'x', 'sad')",
        "ROW(NULL, NULL, NULL)::pair",
        "(2, 'a,b \"c\" (d) \\', '😀')",
        "(3, '', NULL)");
    add(
        families,
        "nested_composite",
        "nested",
        "ROW((1, 'a', 'sad'), ARRAY[(2, 'b,{}', NULL)::pair])::nested");
    add(
        families,
        "int_array",
        "int[]",
        "'{}'",
        "'{1,NULL,3}'",
        "'{{1,2},{3,4}}'",
        "'[-2:0]={1,2,3}'");
    add(
        families,
        "text_array",
        "text[]",
        "'{}'",
        "ARRAY['', NULL, 'NULL', 'a,b', '{}', 'q\"q', E'b\\\\s', E't\\tn\\n']");
    add(families, "enum_array", "mood[]", "ARRAY['sad', 'Very \"happy\"']::mood[]");
    add(families, "composite_array", "pair[]", "ARRAY[(1, 'a\"b', 'sad')::pair, NULL]");
    add(families, "domain_array", "label[]", "ARRAY['a', NULL]::label[]");
    add(families, "numeric_array", "numeric(10,2)[]", "'{NaN,1.10}'");
    add(families, "timestamptz_array", "timestamptz[]", "'{infinity,2024-01-01 00:00+01}'");
    add(families, "bytea_array", "bytea[]", "ARRAY['\\x00', '\\x5c22']::bytea[]");
    add(families, "range_array", "int4range[]", "ARRAY['[1,2)', 'empty']::int4range[]");
    add(families, "jsonb_array", "jsonb[]", "ARRAY['{\"a\": \"b,c\"}']::jsonb[]");
    return families;
  }

  private static void add(List<TypeFamily> families, String name, String type, String... values) {
    families.add(new TypeFamily(name, type, List.of(values)));
  }

  /** The statements that create the family's keyed and keyless tables. */
  public List<String> tables() {
    return List.of(
        "CREATE TABLE keyed_" + name + " (id int PRIMARY KEY, v " + type + ", n int)",
        "CREATE TABLE keyless_" + name + " (id int, v " + type + ")",
        "ALTER TABLE keyless_" + name + " REPLICA IDENTITY FULL");
  }

  /**
   * Statements that insert every value and a NULL into both tables, with ids from {@code first}.
   */
  public List<String> inserts(int first) {
    List<String> statements = new ArrayList<>();
    int id = first;
    for (String value : values) {
      statements.add("INSERT INTO keyed_" + name + " VALUES (" + id + ", " + value + ", 0)");
      statements.add("INSERT INTO keyless_" + name + " VALUES (" + id + ", " + value + ")");
      id++;
    }
    statements.add("INSERT INTO keyed_" + name + " VALUES (" + id + ", NULL, 0)");
    statements.add("INSERT INTO keyless_" + name + " VALUES (" + id + ", NULL)");
    return statements;
  }

  /**
   * Statements that change and delete rows with ids from {@code first}: each value is written over
   * the next row, the last row is deleted.
   */
  public List<String> changes(int first) {
    List<String> statements = new ArrayList<>();
    for (String table : List.of("keyed_", "keyless_")) {
      for (int i = 0; i < values.size(); i++) {
        statements.add(
            "UPDATE "
                + table
                + name
                + " SET v = "
                + values.get(i)
                + " WHERE id = "
                + (first + i + 1));
      }
      statements.add("UPDATE " + table + name + " SET v = NULL WHERE id = " + first);
      statements.add("DELETE FROM " + table + name + " WHERE id = " + (first + values.size()));
    }
    // leaves v as it is, which the WAL does not carry where v is out of line
    statements.add("UPDATE keyed_" + name + " SET n = 1");
    return statements;
  }
}
