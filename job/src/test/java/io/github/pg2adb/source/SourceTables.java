package io.github.pg2adb.source;

import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.schema.SourceCatalog;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The catalog's view of test tables. */
final class SourceTables {

  private SourceTables() {}

  static List<TableSchema> read(TestDatabase database, String... patterns) {
    try (Connection connection = database.connection()) {
      return SourceCatalog.read(connection, TableSelection.parse(List.of(patterns), List.of()))
          .tables();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
