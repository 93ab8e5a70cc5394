package io.github.pg2adb.schema;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.SourceSchema.Needs;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what the source's catalog says of the selected tables: PostgreSQL 9.6 to 18. */
public final class SourceCatalog {

  private static final String APPLICATION = "pg2adb schema";

  private SourceCatalog() {}

  /**
   * As {@link #read(Connection, TableSelection)}, with a session of its own.
   *
   * @param source the source database
   */
  public static SourceSchema read(Endpoint source, TableSelection selection) {
    try (Connection connection = Sessions.open(source, APPLICATION)) {
      return read(connection, selection);
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot close the session with " + source, "", e);
    }
  }

  /**
   * Describes the selected tables, the user types that their columns need and the extensions that
   * own further ones. Asks a fixed number of questions, whatever the number of tables. Needs no
   * right on the tables themselves.
   *
   * @param source a session of {@code Sessions.open}, whose search_path makes every name come
   *     qualified; in autocommit mode all is read in one transaction of its own
   * @throws io.github.pg2adb.model.MigrationException if a pattern matches nothing or names
   *     something that cannot be migrated, or the server fails
   */
  public static SourceSchema read(Connection source, TableSelection selection) {
    try {
      return source.getAutoCommit()
          ? readInTransaction(source, selection)
          : readAll(source, selection);
    } catch (SQLException e) {
      throw SqlErrors.wrap("Cannot read the source's catalog", "", e);
    }
  }

  /**
   * One snapshot for all questions, so that a table created meanwhile is either in all answers or
   * in none.
   */
  private static SourceSchema readInTransaction(Connection source, TableSelection selection)
      throws SQLException {
    source.setAutoCommit(false);
    try {
      try (Statement statement = source.createStatement()) {
        statement.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      }
      return readAll(source, selection);
    } finally {
      source.rollback();
      source.setAutoCommit(true);
    }
  }

  private static SourceSchema readAll(Connection source, TableSelection selection)
      throws SQLException {
    CatalogSession session = CatalogSession.of(source);
    RelationQuery.Result relations = RelationQuery.read(session);
    SelectedTables selected =
        SelectedTables.of(selection, relations.relations(), relations.roots());
    TableQuery.Result tables = TableQuery.read(session, selected.tables());
    TypeGraph types = TypeQuery.read(session, tables.typesOfColumns());
    List<Extension> extensions = types.extensions(tables.typesOfColumns());
    Dependencies dependencies = Dependencies.read(session);
    return new SourceSchema(
        tables.tables(),
        types.userTypes(),
        extensions,
        needs(session, dependencies, tables.tables(), extensions),
        selected.skipped(),
        views(relations, dependencies, selection, tables.tables()));
  }

  private static List<TableName> views(
      RelationQuery.Result relations,
      Dependencies dependencies,
      TableSelection selection,
      List<TableSchema> tables) {
    Set<Long> oids = tables.stream().map(TableSchema::oid).collect(Collectors.toSet());
    return MigratedViews.of(relations.relations(), dependencies, selection, oids).views().stream()
        .map(SourceRelation::name)
        .toList();
  }

  /** What defaults, generated columns and domains need. */
  private static Needs needs(
      CatalogSession session,
      Dependencies dependencies,
      List<TableSchema> tables,
      List<Extension> known)
      throws SQLException {
    Set<CatalogRef> needed =
        dependencies.closure(
            tables.stream().map(table -> CatalogRef.defaultsOf(table.oid())).toList());
    needed.addAll(dependencies.neededByDomains());
    Set<String> names = known.stream().map(Extension::name).collect(Collectors.toSet());
    List<Extension> extensions =
        dependencies.extensions(needed).stream()
            .filter(extension -> !names.contains(extension.name()))
            .toList();
    boolean routines = needed.stream().anyMatch(ref -> ref.catalog().equals("pg_proc"));
    return new Needs(
        extensions,
        routines
            ? dependencies.sort(RoutineQuery.read(session), RoutineQuery.Found::ref).stream()
                .filter(routine -> needed.contains(routine.ref()) && routine.reason() == null)
                .map(RoutineQuery.Found::schema)
                .toList()
            : List.of(),
        SequenceQuery.read(session, tables));
  }
}
