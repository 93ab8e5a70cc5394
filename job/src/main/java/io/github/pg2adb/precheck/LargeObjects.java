package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Whether the database has what no table holds. */
final class LargeObjects implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.LARGE_OBJECTS);
  }

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    long count =
        Query.one(
            inspection.source(),
            "SELECT count(*) FROM (SELECT 1 FROM pg_largeobject_metadata LIMIT 1000) objects",
            row -> row.getLong(1));
    return count == 0
        ? List.of()
        : List.of(
            Finding.of(
                PrecheckCode.LARGE_OBJECTS,
                List.of(count + (count == 1000 ? " or more" : "") + " large objects"),
                "The database has large objects, which are not migrated.",
                Mend.inTaskFile("pipeline.ignore: [LARGE_OBJECTS]")));
  }
}
