package io.github.pg2adb.source.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.ReplicaIdentity;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableRoute;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkSqlTest {

  private static final TableName NAME = new TableName("s", "T\"1");
  private static final TableRoute ROUTE = Routes.AS_SOURCE.of(NAME);
  private static final KeyColumn ID = new KeyColumn("id", "integer", null, "pg_catalog");
  private static final KeyColumn CODE =
      new KeyColumn("Code", "character(3)", "pg_catalog.\"C\"", "pg_catalog");
  private static final KeyColumn MAIL = new KeyColumn("mail", "public.citext", null, "public");

  @Test
  void readsAnOrdinaryTableAloneAndAPartitionedOneAsAWhole() {
    assertThat(ChunkSql.copy(table(TableSchema.Kind.ORDINARY), ROUTE, Chunk.whole(NAME), List.of()))
        .isEqualTo("COPY (SELECT \"id\", \"Code\" FROM ONLY \"s\".\"T\"\"1\") TO STDOUT");
    assertThat(
            ChunkSql.copy(table(TableSchema.Kind.PARTITIONED), ROUTE, Chunk.whole(NAME), List.of()))
        .isEqualTo("COPY (SELECT \"id\", \"Code\" FROM \"s\".\"T\"\"1\") TO STDOUT");
  }

  @Test
  void leavesOutColumnsAndAddsTheConstant() {
    Routes routes =
        Routes.of(
            List.of(
                new Route(
                    "s.\"T\"\"1\"",
                    null,
                    null,
                    List.of(),
                    List.of("Code"),
                    List.of(),
                    new Route.Constant("shard", Route.Constant.Type.TEXT, "it's"),
                    "")),
            NameCase.DEFAULT);

    assertThat(
            ChunkSql.copy(
                table(TableSchema.Kind.ORDINARY), routes.of(NAME), Chunk.whole(NAME), List.of()))
        .isEqualTo("COPY (SELECT \"id\", 'it''s'::text FROM ONLY \"s\".\"T\"\"1\") TO STDOUT");
  }

  @Test
  void comparesASingleColumnWithALiteralOfItsType() {
    assertThat(condition(List.of(ID), List.of("-5"), List.of("7")))
        .isEqualTo("\"id\" > '-5'::integer AND \"id\" <= '7'::integer");
  }

  @Test
  void comparesSeveralColumnsAsRows() {
    assertThat(condition(List.of(ID, CODE), List.of("1", "a'\\"), null))
        .isEqualTo(
            "(\"id\", \"Code\") > ('1'::integer, E'a''\\\\'::character(3) COLLATE pg_catalog.\"C\")");
  }

  @Test
  void namesTheOperatorsOfExtensions() {
    assertThat(condition(List.of(MAIL), List.of("a"), List.of("b")))
        .isEqualTo(
            "\"mail\" OPERATOR(\"public\".>) 'a'::public.citext"
                + " AND \"mail\" OPERATOR(\"public\".<=) 'b'::public.citext");
    assertThat(condition(List.of(ID, MAIL), null, List.of("1", "b")))
        .isEqualTo(
            "NOT ((\"id\" > '1'::integer OR (\"id\" = '1'::integer"
                + " AND (\"mail\" OPERATOR(\"public\".>) 'b'::public.citext))))");
  }

  private static String condition(List<KeyColumn> key, List<String> lower, List<String> upper) {
    String sql =
        ChunkSql.copy(
            table(TableSchema.Kind.ORDINARY), ROUTE, new Chunk(NAME, 1, lower, upper), key);
    return sql.substring(sql.indexOf(" WHERE ") + 7, sql.indexOf(") TO STDOUT"));
  }

  private static TableSchema table(TableSchema.Kind kind) {
    return new TableSchema(
        1,
        NAME,
        kind,
        List.of(
            column(1, "id", Generation.IDENTITY_ALWAYS),
            column(2, "twice", Generation.STORED),
            column(3, "Code", Generation.NONE)),
        List.of("id"),
        ReplicaIdentity.DEFAULT,
        List.of("id"),
        List.of("id"),
        List.of(),
        List.of(),
        0,
        0);
  }

  private static ColumnSchema column(int attnum, String name, Generation generation) {
    return new ColumnSchema(attnum, name, "integer", true, null, null, generation);
  }
}
