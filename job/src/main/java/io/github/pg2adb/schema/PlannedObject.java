package io.github.pg2adb.schema;

import io.github.pg2adb.model.TableName;
import org.jspecify.annotations.Nullable;

/**
 * An object to create after the rows are there.
 *
 * @param step when
 * @param object what it is, for the report, as in {@code index public.by_name}
 * @param table the table whose lock its creation takes, null for none
 * @param statement creates it
 * @param key how to tell that it is there
 */
record PlannedObject(
    Step step, String object, @Nullable TableName table, String statement, ObjectKey key) {

  /** What is done one after the other; within one, tables or objects go in parallel. */
  enum Step {
    SCHEMA(AfterLoad.Stage.BEFORE_CHANGES, Order.SERIAL),
    EXTENSION(AfterLoad.Stage.BEFORE_CHANGES, Order.SERIAL),
    ROUTINE(AfterLoad.Stage.BEFORE_CHANGES, Order.SERIAL),
    INDEX(AfterLoad.Stage.BEFORE_CHANGES, Order.PARALLEL),
    CONSTRAINT(AfterLoad.Stage.BEFORE_CHANGES, Order.BY_TABLE),
    ANALYZE(AfterLoad.Stage.BESIDE_CHANGES, Order.PARALLEL),
    VIEW(AfterLoad.Stage.WHEN_CONSISTENT, Order.SERIAL),
    VIEW_INDEX(AfterLoad.Stage.WHEN_CONSISTENT, Order.PARALLEL),
    FOREIGN_KEY(AfterLoad.Stage.WHEN_CONSISTENT, Order.SERIAL),
    SEQUENCE(AfterLoad.Stage.WHEN_CONSISTENT, Order.SERIAL),
    VALIDATION(AfterLoad.Stage.WHEN_CONSISTENT, Order.BY_TABLE),
    COMMENT(AfterLoad.Stage.WHEN_CONSISTENT, Order.SERIAL),
    GRANT(AfterLoad.Stage.WHEN_CONSISTENT, Order.SERIAL);

    private final AfterLoad.Stage stage;
    private final Order order;

    Step(AfterLoad.Stage stage, Order order) {
      this.stage = stage;
      this.order = order;
    }

    AfterLoad.Stage stage() {
      return stage;
    }

    Order order() {
      return order;
    }
  }

  /** What may be done at the same time. */
  enum Order {
    SERIAL,
    BY_TABLE,
    PARALLEL
  }

  /** Whether it is an object that a report names, not something done to others. */
  boolean isReported() {
    return switch (step) {
      case ANALYZE, VALIDATION, COMMENT, SEQUENCE -> false;
      case SCHEMA, EXTENSION, ROUTINE, INDEX, CONSTRAINT, VIEW, VIEW_INDEX, FOREIGN_KEY, GRANT ->
          true;
    };
  }
}
