package io.github.pg2adb.source.copy;

import io.github.pg2adb.model.BinaryTypes;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.postgres.Sql;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rows in the messages of a COPY in binary format: the first message begins with the format's
 * header, the last row is followed by a trailer, and between them each message is a row. For one
 * thread.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.4">COPY binary
 *     format</a>
 */
public final class BinaryRows {

  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0
  };

  private static final int EXTENSION_LENGTH_AT = SIGNATURE.length + Integer.BYTES;
  private static final int HEADER_LENGTH = EXTENSION_LENGTH_AT + Integer.BYTES;

  /** Both bytes of what stands where a row has the number of its columns. */
  private static final byte TRAILER = -1;

  private boolean begun;

  /**
   * The types of some of a table's columns; none if the rows must travel as text, also because a
   * type is not the planned one any more, which the destination has.
   *
   * @param connection a session with the source that holds a lock on the table
   * @param copied the columns that are copied
   */
  public static List<String> types(Connection connection, TableSchema table, List<String> copied)
      throws SQLException {
    Map<String, String> types = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet result =
            statement.executeQuery(
                "SELECT a.attname, pg_catalog.format_type(a.atttypid, -1) FROM pg_catalog.pg_attribute a"
                    + " WHERE a.attrelid = "
                    + Sql.literal(Sql.quote(table.name()))
                    + "::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped"
                    + " AND pg_catalog.current_setting('integer_datetimes') = 'on'")) {
      while (result.next()) {
        types.put(result.getString(1), result.getString(2));
      }
    }
    Map<String, String> planned =
        table.columns().stream()
            .collect(
                Collectors.toMap(
                    TableSchema.ColumnSchema::name,
                    column -> BinaryTypes.withoutModifier(column.type())));
    return copied.stream().allMatch(name -> isAsPlanned(types.get(name), planned.get(name)))
        ? copied.stream().map(name -> types.getOrDefault(name, "")).toList()
        : List.of();
  }

  private static boolean isAsPlanned(@Nullable String type, @Nullable String planned) {
    return type != null && type.equals(planned) && BinaryTypes.isSafe(type);
  }

  /**
   * How many bytes of a message precede its row, -1 if it has none.
   *
   * @param data holds the message
   * @param offset where it begins
   * @param length its length in bytes
   * @throws SQLException if the stream does not begin as the format says
   */
  public int skipped(byte[] data, int offset, int length) throws SQLException {
    int skipped = begun ? 0 : header(data, offset, length);
    begun = true;
    boolean hasRow =
        skipped < length
            && !(data[offset + skipped] == TRAILER && data[offset + skipped + 1] == TRAILER);
    return hasRow ? skipped : -1;
  }

  private static int header(byte[] data, int offset, int length) throws SQLException {
    if (length < HEADER_LENGTH
        || !Arrays.equals(
            data, offset, offset + SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
      throw new SQLException("COPY's binary format does not begin with its signature", "08P01");
    }
    return HEADER_LENGTH + ByteBuffer.wrap(data).getInt(offset + EXTENSION_LENGTH_AT);
  }
}
