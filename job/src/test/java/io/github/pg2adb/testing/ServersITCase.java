package io.github.pg2adb.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.postgres.Sessions;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServersITCase {

  @Test
  void sourceDecodesLogically() {
    try (TestDatabase database = Servers.source().createDatabase()) {
      assertThat(database.single("SHOW wal_level")).isEqualTo("logical");
    }
  }

  @Test
  void targetKeepsDatabasesApart() {
    try (TestDatabase first = Servers.target().createDatabase();
        TestDatabase second = Servers.target().createDatabase()) {
      first.execute("CREATE TABLE t (a int, b text)", "INSERT INTO t VALUES (1, NULL), (2, '')");

      assertThat(first.query("SELECT a, b FROM t ORDER BY a"))
          .isEqualTo(List.of(Arrays.asList("1", null), List.of("2", "")));
      assertThatThrownBy(() -> second.query("SELECT a FROM t"))
          .hasMessageContaining("relation \"t\" does not exist");
    }
  }

  @Test
  void closingDropsTheDatabaseWithItsSlotsSessionsAndPreparedTransactions() throws Exception {
    TestDatabase database = Servers.source().createDatabase();
    try (Connection replication = Sessions.openReplication(database.endpoint(), "pg2adb test");
        Connection other = database.connection();
        Statement statement = replication.createStatement()) {
      statement.execute("CREATE_REPLICATION_SLOT " + database.name() + " LOGICAL pgoutput");
      // A prepared transaction before it would keep the slot waiting.
      database.execute(
          "CREATE TABLE t (a int)",
          "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'left over'");
      assertThat(other.isValid(5)).isTrue();

      database.close();
    }
    try (TestDatabase survivor = Servers.source().createDatabase()) {
      String of = " = '" + database.name() + "'";
      assertThat(survivor.query("SELECT 1 FROM pg_database WHERE datname" + of)).isEmpty();
      assertThat(survivor.query("SELECT 1 FROM pg_replication_slots WHERE database" + of))
          .isEmpty();
    }
  }

  @Test
  void slotWithAnActiveReaderGoesToo() throws Exception {
    TestDatabase database = Servers.source().createDatabase();
    try (Connection replication = Sessions.openReplication(database.endpoint(), "pg2adb test")) {
      database.execute(
          "SELECT pg_create_logical_replication_slot('" + database.name() + "', 'pgoutput')",
          "CREATE PUBLICATION p FOR ALL TABLES");
      replication
          .unwrap(org.postgresql.PGConnection.class)
          .getReplicationAPI()
          .replicationStream()
          .logical()
          .withSlotName(database.name())
          .withSlotOption("proto_version", 1)
          .withSlotOption("publication_names", "p")
          .start();

      String slot =
          "SELECT active FROM pg_replication_slots WHERE slot_name = '" + database.name() + "'";
      try (TestDatabase other = Servers.source().createDatabase()) {
        assertThat(other.query(slot)).isEqualTo(List.of(List.of("t")));

        database.close();

        assertThat(other.query(slot)).isEmpty();
      }
    }
  }
}
