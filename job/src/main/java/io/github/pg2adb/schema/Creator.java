package io.github.pg2adb.schema;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.postgres.SqlErrors;
import io.github.pg2adb.schema.Creation.Part;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Creates objects in the destination, each in a transaction of its own, so that what was created
 * before a crash is kept by the next start.
 */
final class Creator {

  /**
   * What the server says if someone else created the object meanwhile: duplicate schema, table or
   * sequence, object, and the catalog's own unique index when both did so in the same moment.
   */
  private static final Set<String> DUPLICATE = Set.of("42P06", "42P07", "42710", "23505");

  private static final String NOT_PERMITTED = "42501";

  private final Connection connection;
  private final @Nullable Consumer<Creation> recorder;

  Creator(Connection connection) {
    this(connection, null);
  }

  private Creator(Connection connection, @Nullable Consumer<Creation> recorder) {
    this.connection = connection;
    this.recorder = recorder;
  }

  /** One that creates nothing and says what it would. */
  static Creator recording(Connection connection, Consumer<Creation> recorder) {
    return new Creator(connection, recorder);
  }

  /** Whether nothing is created. */
  boolean isRecording() {
    return recorder != null;
  }

  /** Whether the object is new, and what it goes without. */
  record Result(boolean created, List<Entry> leftOut) {}

  /**
   * Creates the object, without those parts that do not work if it is not possible with all.
   *
   * @param hint what to do if it fails, empty for the advice that fits the error
   * @return not created if it is there meanwhile
   * @throws io.github.pg2adb.model.MigrationException if it fails also without its parts
   */
  Result create(Creation creation, String hint) {
    return create(creation, hint, "");
  }

  /**
   * As {@link #create(Creation, String)}.
   *
   * @param note a statement to execute in the transaction that creates the object, empty for none
   */
  Result create(Creation creation, String hint, String note) {
    if (recorder != null) {
      recorder.accept(creation);
      return new Result(true, List.of());
    }
    try {
      return createOrThrow(creation, note);
    } catch (SQLException e) {
      throw SqlErrors.wrap(
          "Cannot create " + creation.object(),
          hint.isEmpty() && NOT_PERMITTED.equals(e.getSQLState())
              ? "Grant the sink's role the right to create it, or have it created by hand."
              : hint,
          e);
    }
  }

  private Result createOrThrow(Creation creation, String note) throws SQLException {
    try {
      execute(creation.statement());
      if (!note.isEmpty()) {
        execute(note);
      }
      connection.commit();
      return new Result(true, List.of());
    } catch (SQLException e) {
      rollBack();
      if (isDuplicate(e)) {
        return new Result(false, List.of());
      }
      if (creation.parts().isEmpty() || SqlErrors.kind(e) != ErrorKind.FAIL) {
        throw e;
      }
    }
    return createBare(creation, note);
  }

  private Result createBare(Creation creation, String note) throws SQLException {
    try {
      execute(creation.bareStatement());
      List<Entry> leftOut = new ArrayList<>();
      for (Part part : creation.parts()) {
        addIfPossible(part, leftOut);
      }
      if (!note.isEmpty()) {
        execute(note);
      }
      connection.commit();
      return new Result(true, leftOut);
    } catch (SQLException e) {
      rollBack();
      if (isDuplicate(e)) {
        return new Result(false, List.of());
      }
      throw e;
    }
  }

  /** A session that is cut off has nothing to roll back, and its error is to be seen. */
  private void rollBack() throws SQLException {
    if (!connection.isClosed()) {
      connection.rollback();
    }
  }

  private static boolean isDuplicate(SQLException e) {
    return DUPLICATE.contains(String.valueOf(e.getSQLState()));
  }

  private void addIfPossible(Part part, List<Entry> leftOut) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      execute(part.statement());
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      if (SqlErrors.kind(e) != ErrorKind.FAIL) {
        throw e;
      }
      connection.rollback(before);
      leftOut.add(
          new Entry(
              Outcome.LEFT_OUT,
              part.object(),
              String.valueOf(
                  SqlErrors.wrap("The destination refuses its " + part.name(), "", e)
                      .getMessage())));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // names and defaults may hold braces, which are JDBC escapes otherwise
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }
}
