package io.github.pg2adb.schema;

import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.TableForms;
import io.github.pg2adb.model.Target;
import java.io.Serializable;
import java.util.Set;

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

  /**
   * What form tables get.
   *
   * @param hashable the types by which rows can be spread over segments
   */
  TableForms forms(Target target, Set<String> hashable) {
    return new TableForms(tables, target, changing, hashable);
  }
}
