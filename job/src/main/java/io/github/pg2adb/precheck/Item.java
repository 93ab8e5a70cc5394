package io.github.pg2adb.precheck;

import io.github.pg2adb.model.PrecheckCode;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** One concern of a precheck. It reads, and changes nothing. */
interface Item {

  /** What it looks at. */
  Set<PrecheckCode> codes();

  /**
   * Looks.
   *
   * @return what is not as it should be; a code without a finding passes
   * @throws SkippedException if it cannot or need not be looked at
   * @throws SQLException if a server refuses the question
   */
  List<Finding> find(Inspection inspection) throws SQLException, SkippedException;
}
