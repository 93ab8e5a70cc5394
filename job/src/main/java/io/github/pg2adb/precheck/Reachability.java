package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.PrecheckCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Whether both ends can be logged in to. */
final class Reachability implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(PrecheckCode.SOURCE_CONNECTION, PrecheckCode.SINK_CONNECTION);
  }

  @Override
  public List<Finding> find(Inspection inspection) {
    return Stream.of(
            attempt(
                PrecheckCode.SOURCE_CONNECTION, inspection.options().source(), inspection::source),
            attempt(PrecheckCode.SINK_CONNECTION, inspection.options().sink(), inspection::sink))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<Finding> attempt(
      PrecheckCode code, Endpoint endpoint, Once.Question<Connection> question) {
    try {
      question.ask();
      return Optional.empty();
    } catch (SkippedException e) {
      return Optional.of(refused(code, endpoint, e));
    } catch (SQLException e) {
      return Optional.of(
          Finding.of(
              code,
              List.of(endpoint.toString()),
              "The server refuses an ordinary statement: " + e.getMessage(),
              Mend.NONE));
    }
  }

  private static Finding refused(PrecheckCode code, Endpoint endpoint, SkippedException refused) {
    return Refusals.finding(code, List.of(endpoint.toString()), refused);
  }
}
