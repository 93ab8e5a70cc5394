package io.github.pg2adb.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkPartitions;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TablePattern;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.EnumType;
import io.github.pg2adb.schema.DestinationCatalog.ExistingColumn;
import io.github.pg2adb.schema.DestinationCatalog.ExistingRelation;
import io.github.pg2adb.schema.DestinationCatalog.ExistingType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConflictsTest {

  private static final TableSchema TABLE =
      new TableSchema(
          1,
          new TableName("s", "t"),
          TableSchema.Kind.ORDINARY,
          List.of(
              new ColumnSchema(1, "a", "integer", true, null, null, Generation.NONE),
              new ColumnSchema(2, "b", "integer", false, null, null, Generation.NONE),
              new ColumnSchema(3, "g", "integer", false, null, "(a)", Generation.STORED)),
          List.of(),
          ReplicaIdentity.DEFAULT,
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          0,
          -1);

  private final Conflicts conflicts = new Conflicts();

  private void assertProblems(String problems) {
    assertThatThrownBy(conflicts::throwIfAny)
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.OPERATOR))
        .hasMessage(
            "Cannot create the schema in the destination: "
                + problems
                + ". Hint: Nothing there is altered or dropped: change or remove it by hand, create the table yourself"
                + " in a form that holds the rows, or exclude it.");
  }

  @Test
  void tableWithEveryCopiedColumnFits() {
    conflicts.checkTable(
        TABLE,
        new ExistingRelation(
            'p',
            List.of(
                new ExistingColumn("more", "integer", false, false),
                new ExistingColumn("b", "integer", false, true),
                new ExistingColumn("a", "integer", false, false)),
            List.of()));

    assertThatCode(conflicts::throwIfAny).doesNotThrowAnyException();
  }

  @Test
  void listsEveryDifference() {
    conflicts.checkTable(
        TABLE,
        new ExistingRelation(
            'r',
            List.of(
                new ExistingColumn("b", "integer", true, false),
                new ExistingColumn("x", "integer", false, true)),
            List.of()));
    conflicts.checkTable(TABLE, new ExistingRelation('v', List.of(), List.of()));

    assertProblems(
        "table \"s.t\" is there, but differs: column \"a\" is missing, column \"b\" is generated and takes no values,"
            + " column \"x\" is NOT NULL without default and not in the source;"
            + " table \"s.t\" is there, but is no table");
  }

  @Test
  void typesMustHoldTheValues() {
    EnumType mood = new EnumType(new TableName("s", "mood"), List.of("a", "b", "c"));
    CompositeType pair =
        new CompositeType(
            new TableName("s", "pair"),
            List.of(
                new CompositeType.Attribute("x", "integer", null),
                new CompositeType.Attribute("y", "integer", null)));
    conflicts.checkType(mood, new ExistingType('e', List.of("b", "z", "a", "c")));
    conflicts.checkType(pair, new ExistingType('c', List.of("x", "y")));
    assertThatCode(conflicts::throwIfAny).doesNotThrowAnyException();

    conflicts.checkType(mood, new ExistingType('e', List.of("b")));
    conflicts.checkType(mood, new ExistingType('d', List.of()));
    conflicts.checkType(pair, new ExistingType('c', List.of("y", "x")));
    assertProblems(
        "type \"s.mood\" is there, but has no label \"a\", \"c\"; type \"s.mood\" is there, but is of another kind;"
            + " type \"s.pair\" is there, but has the attributes \"y\", \"x\" and not \"x\", \"y\"");
  }

  @Test
  void generatedColumnOfAKeyNeedsADestinationThatKnowsThem() {
    Target six = new Target(Target.Kind.ANALYTICDB, "6", 9, true, true, false, false);
    conflicts.checkNewTable(TABLE, six);
    assertThatCode(conflicts::throwIfAny).doesNotThrowAnyException();

    conflicts.checkNewTable(
        new TableSchema(
            TABLE.oid(),
            TABLE.name(),
            TABLE.kind(),
            TABLE.columns(),
            List.of("g"),
            TABLE.replicaIdentity(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            0,
            0),
        six);

    assertProblems(
        "column \"s.t.g\" is generated and in the key, which the destination cannot have, and generated values are not copied");
  }

  @Test
  void namesTheColumnsThatNeedAnExtension() {
    Destination destination =
        new Destination(
            new Target(Target.Kind.POSTGRESQL, "12", 12, false, true, true, true),
            Set.of(),
            Map.of(),
            Set.of("hstore"),
            Set.of(),
            "heap");
    List<ColumnName> columns =
        IntStream.range(0, 12)
            .mapToObj(i -> new ColumnName(new TableName("s", "t"), "c" + i))
            .toList();
    conflicts.checkExtension(new Extension("hstore", "public", columns), destination);
    conflicts.checkExtension(new Extension("postgis", "public", columns), destination);

    assertProblems(
        "the destination does not offer extension \"postgis\", which these columns need: \"s.t.c0\", \"s.t.c1\","
            + " \"s.t.c2\", \"s.t.c3\", \"s.t.c4\", \"s.t.c5\", \"s.t.c6\", \"s.t.c7\", \"s.t.c8\", \"s.t.c9\" and 2 more");
  }

  @Test
  void saysHowATableDiffersThatIsNotTheTasks() {
    ExistingRelation relation =
        new ExistingRelation(
            'r',
            List.of(
                new ExistingColumn("a", "text", false, false),
                new ExistingColumn("x", "integer", false, false)),
            List.of("x"));

    assertThat(
            new ExistingTable(relation, SinkDistribution.RANDOM, SinkDistribution.by(List.of("a")))
                .differencesFrom(TABLE))
        .contains(
            "column \"a\" is text and not integer",
            "no column \"b\"",
            "column \"x\" is not in the source",
            "it is DISTRIBUTED RANDOMLY and not DISTRIBUTED BY (\"a\")")
        .anyMatch(difference -> difference.startsWith("the primary key is (\"x\") and not "));
  }

  private static final Target GREENPLUM =
      new Target(Target.Kind.GREENPLUM, "7", 12, true, true, true, true);

  private static SchemaRules rules(SinkTables tables) {
    return new SchemaRules("t", "pg2adb", tables, true);
  }

  private static <T extends java.io.Serializable> ByTable<T> of(String pattern, T value) {
    return new ByTable<>(List.of(new ByTable.Rule<>(TablePattern.parse(pattern), value)));
  }

  @Test
  void refusesWhatTheTaskFileAsksOfATableThatCannotHaveIt() {
    SinkTables wishes =
        new SinkTables(
            OnExistingTable.FAIL,
            of("*.*", SinkDistribution.by(List.of("a", "no"))),
            of("s.*", SinkStorage.AO_ROW),
            of("s.other", SinkPartitions.PLAIN),
            false);
    TableForms forms = rules(wishes).forms(GREENPLUM, Set.of());

    conflicts.checkUnused(forms.unused(List.of(TABLE.name())));
    conflicts.checkForm(TABLE, forms);
    conflicts.checkForm(
        TABLE,
        rules(wishes)
            .forms(
                new Target(Target.Kind.POSTGRESQL, "12", 12, false, true, true, true), Set.of()));
    conflicts.checkForm(
        TABLE,
        rules(
                new SinkTables(
                    OnExistingTable.FAIL,
                    ByTable.none(),
                    of("*.*", SinkStorage.BEAM),
                    ByTable.none(),
                    false))
            .forms(GREENPLUM, Set.of()));

    assertProblems(
        "\"s.other\" of sink.partitions matches none of the selected tables;"
            + " table \"s.t\" cannot be distributed by \"a\": segments cannot tell rows apart by type integer;"
            + " table \"s.t\" cannot be distributed by \"no\": it has no such column;"
            + " table \"s.t\" cannot be stored as ao_row: changes are applied to it, and append-optimised tables lock for each and keep deleted rows;"
            + " table \"s.t\" cannot be distributed: the destination has no segments;"
            + " table \"s.t\" cannot be stored as ao_row: the destination has heap tables only;"
            + " table \"s.t\" cannot be stored as beam: only AnalyticDB from 7.0.6.6 on can");
  }
}
