package io.github.pg2adb.source.copy;

import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cuts a table into chunks of about equal size by a sample of its key. */
public final class ChunkPlanner {

  private static final Logger LOG = LoggerFactory.getLogger(ChunkPlanner.class);

  private static final int MAX_CHUNKS = 4096;

  /** How many pages are read: enough for even chunks, few enough to take seconds. */
  private static final long MIN_SAMPLED_PAGES = 200;

  private static final long SAMPLED_PAGES_PER_CHUNK = 20;
  private static final long MAX_SAMPLED_PAGES = 20_000;

  private static final String PAGES =
      """
      SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_relation_size(c.oid)), 0)
        / pg_catalog.current_setting('block_size')::pg_catalog.int8
      FROM unnest(?::pg_catalog.text[], ?::pg_catalog.text[]) AS t(schema, name)
      JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema
      JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
      """;

  private final Connection connection;
  private final long chunkBytes;

  /**
   * A planner of tables in one database.
   *
   * @param connection a session with the source
   * @param chunkBytes the size of a chunk on the source's disk
   */
  public ChunkPlanner(Connection connection, long chunkBytes) {
    this.connection = connection;
    this.chunkBytes = chunkBytes;
  }

  /**
   * The table's chunks in order, one for the whole table where it is small or its key has no order
   * that SQL can name.
   *
   * @throws SQLException if the server fails for another reason than the key's type
   */
  public List<Chunk> plan(TableSchema table) throws SQLException {
    long wanted = Math.min(MAX_CHUNKS, (table.bytes() + chunkBytes - 1) / chunkBytes);
    if (table.chunkKey().isEmpty() || wanted < 2) {
      return List.of(Chunk.whole(table.name()));
    }
    return chunks(table.name(), bounds(table, (int) wanted));
  }

  /** No such operator, a type without an order, or a sample of a foreign partition. */
  private static boolean isRefusedStatement(SQLException error) {
    String state = error.getSQLState();
    return state != null
        && ((state.startsWith("42") && !state.equals("42501")) || state.startsWith("0A"));
  }

  private List<List<String>> bounds(TableSchema table, int chunks) throws SQLException {
    List<KeyColumn> key = KeyColumn.read(connection, table.name(), table.chunkKey());
    long pages = Math.max(1, pages(table));
    long sampled =
        Math.min(MAX_SAMPLED_PAGES, Math.max(MIN_SAMPLED_PAGES, SAMPLED_PAGES_PER_CHUNK * chunks));
    double percent = Math.min(100.0, 100.0 * sampled / pages);
    try {
      return sample(table, key, ChunkSql.bounds(table, key, chunks, percent));
    } catch (SQLException e) {
      if (!isRefusedStatement(e)) {
        throw e;
      }
      LOG.warn(
          "Table {} is read as one chunk: its key {} cannot be sampled: {}",
          table.name(),
          table.chunkKey(),
          e.getMessage());
      return List.of();
    }
  }

  private List<List<String>> sample(TableSchema table, List<KeyColumn> key, String sql)
      throws SQLException {
    List<List<String>> bounds = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        List<String> bound = new ArrayList<>();
        for (int i = 1; i <= key.size(); i++) {
          bound.add(result.getString(i));
        }
        if (!result.getBoolean(key.size() + 1)) {
          LOG.warn(
              "Table {} is read as one chunk: its key {} is not ordered as its operators compare",
              table.name(),
              table.chunkKey());
          return List.of();
        }
        bounds.add(bound);
      }
    }
    return bounds;
  }

  private long pages(TableSchema table) throws SQLException {
    List<TableName> relations = table.leaves().isEmpty() ? List.of(table.name()) : table.leaves();
    try (PreparedStatement statement = connection.prepareStatement(PAGES)) {
      statement.setArray(
          1, connection.createArrayOf("text", relations.stream().map(TableName::schema).toArray()));
      statement.setArray(
          2, connection.createArrayOf("text", relations.stream().map(TableName::name).toArray()));
      try (ResultSet result = statement.executeQuery()) {
        result.next();
        return result.getLong(1);
      }
    }
  }

  private static List<Chunk> chunks(TableName table, List<List<String>> bounds) {
    if (bounds.isEmpty()) {
      return List.of(Chunk.whole(table));
    }
    List<Chunk> chunks = new ArrayList<>();
    chunks.add(new Chunk(table, 0, null, bounds.get(0)));
    for (int i = 1; i < bounds.size(); i++) {
      chunks.add(new Chunk(table, i, bounds.get(i - 1), bounds.get(i)));
    }
    chunks.add(new Chunk(table, bounds.size(), bounds.get(bounds.size() - 1), null));
    return chunks;
  }
}
