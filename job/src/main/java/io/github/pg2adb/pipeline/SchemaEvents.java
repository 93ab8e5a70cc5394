package io.github.pg2adb.pipeline;

import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.schema.SchemaReport;
import io.github.pg2adb.schema.SchemaReport.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps in the ledger, for programs, what the destination has otherwise than the source or not. */
final class SchemaEvents {

  private static final Logger LOG = LoggerFactory.getLogger(SchemaEvents.class);

  private SchemaEvents() {}

  /** Records what is not recorded yet. */
  static void record(MigrationLedger.Session ledger, SchemaReport report) {
    for (SchemaReport.Entry entry : report.of(Outcome.LEFT_OUT)) {
      LOG.warn("Left out: {}: {}", entry.object(), entry.detail());
      record(ledger, MigrationLedger.LEFT_OUT, entry);
    }
    for (SchemaReport.Entry entry : report.of(Outcome.ADAPTED)) {
      LOG.info("Adapted: {}: {}", entry.object(), entry.detail());
      record(ledger, MigrationLedger.ADAPTED, entry);
    }
  }

  private static void record(
      MigrationLedger.Session ledger, String kind, SchemaReport.Entry entry) {
    if (!ledger.hasEvent(kind, entry.object())) {
      ledger.recordEvent(kind, entry.object(), entry.detail());
    }
  }
}
