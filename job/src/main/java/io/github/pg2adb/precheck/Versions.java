package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Target;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether both ends are what they must be. */
final class Versions implements Item {

  @Override
  public Set<PrecheckCode> codes() {
    return Set.of(
        PrecheckCode.SOURCE_VERSION,
        PrecheckCode.SOURCE_STANDBY,
        PrecheckCode.SINK_KIND,
        PrecheckCode.SINK_VERSION);
  }

  private static final int OLDEST_SOURCE = 10;
  private static final int NEWEST_SOURCE = 18;
  private static final int OLDEST_SINK = 12;
  private static final int OLDEST_SINK_UNTESTED = 9;

  @Override
  public List<Finding> find(Inspection inspection) throws SQLException, SkippedException {
    List<Finding> findings = new ArrayList<>();
    try {
      SourceServer server = inspection.sourceServer();
      assessSource(server, inspection.options().isIncremental()).ifPresent(findings::add);
      assessPrimary(server, inspection.options().source()).ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.SOURCE_VERSION, String.valueOf(e.getMessage())));
      findings.add(Finding.skipped(PrecheckCode.SOURCE_STANDBY, String.valueOf(e.getMessage())));
    }
    try {
      Target target = inspection.target();
      assessKind(target, inspection.options()).ifPresent(findings::add);
      assessSink(target).ifPresent(findings::add);
    } catch (SkippedException e) {
      findings.add(Finding.skipped(PrecheckCode.SINK_KIND, String.valueOf(e.getMessage())));
      findings.add(Finding.skipped(PrecheckCode.SINK_VERSION, String.valueOf(e.getMessage())));
    }
    return findings;
  }

  static Optional<Finding> assessSource(SourceServer server, boolean isIncremental) {
    List<String> object = List.of("PostgreSQL " + server.major());
    if (server.major() < OLDEST_SOURCE) {
      return Optional.of(
          Finding.of(
              PrecheckCode.SOURCE_VERSION,
              object,
              "The source is older than PostgreSQL " + OLDEST_SOURCE + ".",
              Mend.byHand("Upgrade the source, or restore it into a newer server first.")));
    }
    if (server.major() > NEWEST_SOURCE) {
      return Optional.of(
          Finding.warning(
              PrecheckCode.SOURCE_VERSION,
              object,
              "The source is newer than what was tested, PostgreSQL " + NEWEST_SOURCE + ".",
              Mend.NONE));
    }
    return server.major() == OLDEST_SOURCE && isIncremental
        ? Optional.of(
            Finding.warning(
                PrecheckCode.SOURCE_VERSION,
                object,
                "PostgreSQL 10 does not publish TRUNCATE: rows that it removes stay in the destination.",
                Mend.byHand("Use DELETE instead of TRUNCATE while the task runs.")))
        : Optional.empty();
  }

  static Optional<Finding> assessPrimary(SourceServer server, Endpoint endpoint) {
    return server.isStandby()
        ? Optional.of(
            Finding.of(
                PrecheckCode.SOURCE_STANDBY,
                List.of(endpoint.toString()),
                "The source is a standby or in recovery.",
                Mend.inTaskFile("source.hostname: the primary's")))
        : Optional.empty();
  }

  static Optional<Finding> assessKind(Target target, PrecheckOptions options) {
    return target.kind() == options.sinkKind()
        ? Optional.empty()
        : Optional.of(
            Finding.of(
                PrecheckCode.SINK_KIND,
                List.of(options.sink().toString()),
                String.format(
                    "The task says sink.type is %s, the server says it is %s (%s).",
                    options.sinkKind().word(), target.kind().word(), target.version()),
                Mend.inTaskFile("sink.type: " + target.kind().word())));
  }

  static Optional<Finding> assessSink(Target target) {
    if (target.postgresMajor() >= OLDEST_SINK) {
      return Optional.empty();
    }
    List<String> object =
        List.of(
            target.distributed()
                ? target.kind().word()
                    + " "
                    + target.version()
                    + ", based on PostgreSQL "
                    + target.postgresMajor()
                : "PostgreSQL " + target.postgresMajor());
    return Optional.of(
        target.distributed() && target.postgresMajor() >= OLDEST_SINK_UNTESTED
            ? Finding.warning(
                PrecheckCode.SINK_VERSION,
                object,
                "The destination is older than what was tested.",
                Mend.byHand("Try the task with a copy first, or upgrade the destination."))
            : Finding.of(
                PrecheckCode.SINK_VERSION,
                object,
                "The destination is older than PostgreSQL " + OLDEST_SINK + ".",
                Mend.byHand("Upgrade the destination.")));
  }
}
