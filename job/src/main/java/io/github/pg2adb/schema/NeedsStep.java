package io.github.pg2adb.schema;

import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.RoutineSchema;
import io.github.pg2adb.model.SourceSchema.Extension;
import io.github.pg2adb.model.SourceSchema.Needs;
import io.github.pg2adb.schema.SchemaReport.Entry;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Creates the functions that defaults and domains need. Tables and types can do without, so what
 * fails is left out. A function may need types and a type may need functions: {@link #create} is
 * called before and after the types.
 */
final class NeedsStep {

  private final DestinationCatalog catalog;
  private final Creator creator;
  private final Needs needs;
  private final List<Entry> failures = new ArrayList<>();
  private final Set<String> done = new HashSet<>();

  NeedsStep(DestinationCatalog catalog, Creator creator, Needs needs) {
    this.catalog = catalog;
    this.creator = creator;
    this.needs = needs;
  }

  /**
   * Creates what can be created now and is not there.
   *
   * @param destination what the destination had at the start
   * @return what was created
   */
  List<Entry> create(Destination destination) throws SQLException {
    failures.clear();
    List<Entry> entries = new ArrayList<>();
    for (Extension extension : needs.extensions()) {
      if (!destination.extensions().containsKey(extension.name())) {
        create(
            "extension " + extension.name(),
            Ddl.createExtension(extension.name(), extension.schema()),
            entries);
      }
    }
    Set<String> there = needs.routines().isEmpty() ? Set.of() : catalog.routines();
    for (RoutineSchema routine : needs.routines()) {
      if (!there.contains(routine.signature())) {
        create(
            routine.kind().word() + " " + routine.signature(), Ddl.createRoutine(routine), entries);
      }
    }
    return entries;
  }

  private void create(String object, String statement, List<Entry> entries) {
    if (done.contains(object)) {
      return;
    }
    try {
      boolean created = creator.create(Creation.of(object, statement), "").created();
      entries.add(new Entry(created ? Outcome.CREATED : Outcome.KEPT, object, ""));
      done.add(object);
    } catch (MigrationException e) {
      if (e.kind() != ErrorKind.FAIL && !isReplacedByAnother(e)) {
        throw e;
      }
      failures.add(new Entry(Outcome.LEFT_OUT, object, String.valueOf(e.getMessage())));
    }
  }

  /** Two who replace a function at once: one gets an internal error, and finds it there later. */
  private static boolean isReplacedByAnother(MigrationException error) {
    return error.getCause() instanceof SQLException cause && "XX000".equals(cause.getSQLState());
  }

  /** What the last call could not create. */
  List<Entry> failures() {
    return failures;
  }
}
