package io.github.pg2adb.schema;

import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.SinkPartitions;
import io.github.pg2adb.model.SinkStorage;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import java.io.Serializable;
import java.util.Optional;

/**
 * What decides about the form of the tables besides the source and the destination.
 *
 * @param task the task's name, which its ledger rows carry
 * @param ledgerSchema the destination's schema with its ledger
 * @param tables what the task asks of its tables
 * @param changing whether changes are applied to them
 */
public record SchemaRules(String task, String ledgerSchema, SinkTables tables, boolean changing)
    implements Serializable {

  /** How the table's rows are to be spread, if not by its key. */
  Optional<SinkDistribution> distribution(TableName table) {
    return tables.distribution().find(table);
  }

  /** How the table's rows are to be stored. */
  SinkStorage storage(TableName table, Target target) {
    return tables.storage().find(table).orElse(target.beam() ? SinkStorage.BEAM : SinkStorage.HEAP);
  }

  /** What the table's partitions are to become. */
  SinkPartitions partitions(TableName table) {
    return tables.partitions().find(table).orElse(SinkPartitions.NATIVE);
  }
}
