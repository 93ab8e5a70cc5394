package io.github.pg2adb.precheck;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.OnExistingTable;
import io.github.pg2adb.model.Phase;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.Routes;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.Target;
import java.util.Set;

/**
 * What a precheck needs to know of a task.
 *
 * @param task its name
 * @param phases what it does
 * @param parallelism how many readers and writers there are
 * @param source the source database
 * @param sink the destination database
 * @param sinkKind what the destination must say it is
 * @param ledgerSchema the destination's schema for the task's progress
 * @param sinkTables what the task asks of its tables
 * @param ignored what is not looked at
 * @param routes what the destination's tables and columns are called
 */
public record PrecheckOptions(
    String task,
    Set<Phase> phases,
    int parallelism,
    Endpoint source,
    Endpoint sink,
    Target.Kind sinkKind,
    String ledgerSchema,
    SinkTables sinkTables,
    Set<PrecheckCode> ignored,
    Routes routes) {

  /** Options of a task whose names are as at the source. */
  public PrecheckOptions(
      String task,
      Set<Phase> phases,
      int parallelism,
      Endpoint source,
      Endpoint sink,
      Target.Kind sinkKind,
      String ledgerSchema,
      SinkTables sinkTables,
      Set<PrecheckCode> ignored) {
    this(
        task,
        phases,
        parallelism,
        source,
        sink,
        sinkKind,
        ledgerSchema,
        sinkTables,
        ignored,
        Routes.AS_SOURCE);
  }

  public PrecheckOptions {
    phases = Set.copyOf(phases);
    ignored = Set.copyOf(ignored);
  }

  /** Whether tables that are there and their rows stay. */
  boolean keepsTables() {
    return sinkTables.onExisting() == OnExistingTable.KEEP;
  }

  boolean isIncremental() {
    return phases.contains(Phase.INCREMENTAL);
  }
}
