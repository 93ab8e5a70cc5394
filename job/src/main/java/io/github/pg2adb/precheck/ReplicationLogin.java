package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.postgres.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/** Whether the role can speak the replication protocol: tried by doing it. */
final class ReplicationLogin implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.REPLICATION_LOGIN);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    inspection.requireIncremental();
    Endpoint endpoint = inspection.options().source();
    boolean isAllowed =
        Query.one(
            inspection.source(),
            "SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user",
            row -> row.getBoolean(1));
    try (Connection connection = Sessions.openReplication(endpoint, "pg2adb precheck");
        Statement statement = connection.createStatement();
        ResultSet identity = statement.executeQuery("IDENTIFY_SYSTEM")) {
      identity.next();
      return List.of();
    } catch (MigrationException e) {
      Finding finding =
          Refusals.finding(PrecheckCode.REPLICATION_LOGIN, List.of("role " + endpoint.user()), e);
      return List.of(
          isAllowed
              ? finding
              : Finding.of(
                  finding.code(),
                  finding.objects(),
                  finding.why(),
                  Mend.onSource("ALTER ROLE " + Sql.quote(endpoint.user()) + " REPLICATION")));
    }
  }
}
