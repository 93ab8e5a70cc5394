package io.github.pg2adb.bench;

import io.github.pg2adb.bench.Server.Db;
import java.sql.Connection;
import java.sql.SQLException;

/** Replication slots of the source. */
final class Slots {
  private Slots() {}

  static boolean isActive(Db source, String slot) throws SQLException {
    try (Connection connection = source.connect()) {
      return isActive(connection, slot);
    }
  }

  static boolean isActive(Connection source, String slot) throws SQLException {
    String active =
        Db.text(
            source,
            "SELECT count(*) FROM pg_replication_slots WHERE active AND slot_name = '"
                + slot
                + "'");
    return Long.parseLong(active) > 0;
  }

  /** Creates a publication of the tables and a slot of one name, which keeps all that follows. */
  static void create(Db source, String name, String tables) throws SQLException {
    source.execute(
        "CREATE PUBLICATION " + name + " FOR " + tables,
        "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
  }
}
