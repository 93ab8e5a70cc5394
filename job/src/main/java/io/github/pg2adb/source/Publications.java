package io.github.pg2adb.source;

import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.postgres.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The task's two publications: one of the tables with a replica identity, one of inserts alone for
 * the others, since publishing updates of a table without an identity makes the application's
 * updates fail. Both are always there, empty or not: decoding stops at WAL from before a
 * publication was made.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createpublication.html">CREATE
 *     PUBLICATION</a>
 */
final class Publications {

  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);

  /** Publishing TRUNCATE came with 11, publishing a partitioned table as its root with 13. */
  private static final int TRUNCATE_VERSION = 11;

  private static final int ROOT_VERSION = 13;

  /**
   * The comment of a publication that got tables after the slot was made. What a transaction wrote
   * to them before that is not published, so no chunk of them may be read while it is open.
   */
  private static final String UNSETTLED =
      "pg2adb waits for the transactions that were open when tables were added";

  private static final String TABLES =
      """
      SELECT n.nspname, c.relname
      FROM pg_catalog.pg_publication p
      JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
      JOIN pg_catalog.pg_class c ON c.oid = r.prrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE p.pubname = ?
      """;

  private final Connection connection;
  private final ReplicationSlot slot;
  private final int version;

  /**
   * @param connection a session with the source
   * @param slot names the publications
   */
  Publications(Connection connection, ReplicationSlot slot) throws SQLException {
    this.connection = connection;
    this.slot = slot;
    this.version = connection.getMetaData().getDatabaseMajorVersion();
  }

  /** Whether both publications are there. */
  boolean exist() throws SQLException {
    return exists(slot.publication()) && exists(slot.insertPublication());
  }

  /**
   * Makes both publications have exactly these tables, and records each table that is newly among
   * those without updates.
   */
  void publish(Collection<TableSchema> tables, MigrationLedger.Session ledger) throws SQLException {
    List<TableSchema> whole = tables.stream().filter(TableSchema::publishesUpdates).toList();
    List<TableSchema> insertOnly =
        tables.stream().filter(table -> !table.publishesUpdates()).toList();
    String truncate = version >= TRUNCATE_VERSION ? ", truncate" : "";
    Set<TableName> before = tables(slot.insertPublication());
    if (version < TRUNCATE_VERSION && !exists(slot.publication())) {
      reportTruncates(ledger);
    }
    publish(slot.publication(), whole, "insert, update, delete" + truncate);
    publish(slot.insertPublication(), insertOnly, "insert" + truncate);
    insertOnly.stream()
        .filter(table -> !before.containsAll(relations(List.of(table))))
        .forEach(table -> report(table, ledger));
  }

  private void reportTruncates(MigrationLedger.Session ledger) {
    String detail =
        "TRUNCATE is not replicated: PostgreSQL "
            + version
            + " does not publish it. DELETE rows instead while the task runs, or truncate at both ends.";
    LOG.warn("{}", detail);
    ledger.recordEvent("truncate-not-published", "", detail);
  }

  private void publish(String publication, List<TableSchema> tables, String operations) {
    try (Statement statement = connection.createStatement()) {
      Set<TableName> relations = relations(tables);
      if (!exists(publication)) {
        statement.execute(
            "CREATE PUBLICATION "
                + Sql.quote(publication)
                + (tables.isEmpty() ? "" : " FOR TABLE " + list(tables))
                + " WITH ("
                + options(operations)
                + ")");
        LOG.info("Created publication {} of {} relations", publication, relations.size());
      } else if (!isForAllTables(publication)) {
        change(statement, publication, tables, relations);
      }
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot publish " + tables.size() + " tables as \"" + publication + "\"",
          "The role needs CREATE on the database and must own the tables; or let an administrator create publications \""
              + slot.publication()
              + "\" and \""
              + slot.insertPublication()
              + "\".",
          e);
    }
  }

  private void change(
      Statement statement, String publication, List<TableSchema> tables, Set<TableName> relations)
      throws SQLException {
    Set<TableName> present = tables(publication);
    if (present.equals(relations)) {
      return;
    }
    String alter = "ALTER PUBLICATION " + Sql.quote(publication);
    if (!present.containsAll(relations)) {
      comment(statement, publication, Sql.literal(UNSETTLED));
    }
    if (tables.isEmpty()) {
      // SET TABLE takes at least one
      statement.execute(
          alter
              + " DROP TABLE "
              + present.stream()
                  .map(name -> "ONLY " + Sql.quote(name))
                  .collect(Collectors.joining(", ")));
    } else {
      statement.execute(alter + " SET TABLE " + list(tables));
    }
    LOG.info(
        "Publication {} now has {} relations instead of {}",
        publication,
        relations.size(),
        present.size());
  }

  private static void comment(Statement statement, String publication, String text)
      throws SQLException {
    statement.execute("COMMENT ON PUBLICATION " + Sql.quote(publication) + " IS " + text);
  }

  /**
   * Whether tables were added to a publication that was there before, by this start or one that
   * ended before it called {@link #settled}.
   */
  boolean areUnsettled() throws SQLException {
    return isUnsettled(slot.publication()) || isUnsettled(slot.insertPublication());
  }

  private boolean isUnsettled(String publication) throws SQLException {
    return isTrue(
        "SELECT pg_catalog.obj_description(oid, 'pg_publication') = "
            + Sql.literal(UNSETTLED)
            + " FROM pg_catalog.pg_publication WHERE pubname = ?",
        publication);
  }

  /** Every transaction that was open when tables were added has ended. */
  void settled() throws SQLException {
    for (String publication : List.of(slot.publication(), slot.insertPublication())) {
      if (isUnsettled(publication)) {
        try (Statement statement = connection.createStatement()) {
          comment(statement, publication, "NULL");
        }
      }
    }
  }

  private String options(String operations) {
    return "publish = "
        + Sql.literal(operations)
        + (version >= ROOT_VERSION ? ", publish_via_partition_root = true" : "");
  }

  /** ONLY, since children by inheritance are selected or not by their own names. */
  private String list(List<TableSchema> tables) {
    return relations(tables).stream()
        .map(name -> "ONLY " + Sql.quote(name))
        .collect(Collectors.joining(", "));
  }

  private Set<TableName> relations(List<TableSchema> tables) {
    Set<TableName> names = new TreeSet<>();
    for (TableSchema table : tables) {
      if (table.kind() == TableSchema.Kind.PARTITIONED && version < ROOT_VERSION) {
        names.addAll(table.leaves());
      } else {
        names.add(table.name());
      }
    }
    return names;
  }

  private boolean exists(String publication) throws SQLException {
    return isTrue("SELECT true FROM pg_catalog.pg_publication WHERE pubname = ?", publication);
  }

  private boolean isForAllTables(String publication) throws SQLException {
    return isTrue(
        "SELECT puballtables FROM pg_catalog.pg_publication WHERE pubname = ?", publication);
  }

  private boolean isTrue(String query, String publication) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, publication);
      try (ResultSet result = statement.executeQuery()) {
        return result.next() && result.getBoolean(1);
      }
    }
  }

  private Set<TableName> tables(String publication) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(TABLES)) {
      statement.setString(1, publication);
      Set<TableName> names = new TreeSet<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          names.add(new TableName(result.getString(1), result.getString(2)));
        }
      }
      return names;
    }
  }

  private static void report(TableSchema table, MigrationLedger.Session ledger) {
    String detail =
        "Updates and deletes of this table are not replicated: it has neither a primary key nor another replica identity."
            + " ALTER TABLE "
            + Sql.quote(table.name())
            + " REPLICA IDENTITY FULL mends that for a task that starts afterwards.";
    LOG.warn("Table {}: {}", table.name(), detail);
    ledger.recordEvent("insert-only-table", table.name().toString(), detail);
  }
}
