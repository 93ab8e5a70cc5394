package io.github.pg2adb.sink;

import io.github.pg2adb.model.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A part of a temp table that all tables with few changes share, values as text: so that a batch
 * that touches many tables fills one stage with one COPY, and the number of temp tables, each of
 * which costs time at every commit, does not grow with the number of tables.
 *
 * <p>The text becomes the target's type by the type's input function when it is merged. Tables with
 * a type to which text has a cast of its own do not come here.
 */
final class SharedStaging implements Staging {

  private static final int ROW = -1;
  private static final int KEY = -2;

  private final TablePlan plan;
  private final SharedStages stages;
  private final int width;
  private final long number;

  /**
   * @param number what marks this net effect's rows in the stage
   */
  SharedStaging(TablePlan plan, SharedStages stages, long number) {
    this.plan = plan;
    this.stages = stages;
    this.width = SharedStages.width(plan.width());
    this.number = number;
  }

  /** Makes the table if it is not there. */
  void prepare(Connection connection) throws SQLException {
    stages.prepare(connection, width);
  }

  @Override
  public void begin() {}

  private String where(int group) {
    return "s.t = " + number + " AND s.g = " + group;
  }

  private String from() {
    return stages.sql(width) + " AS s";
  }

  private Stream<String> values() {
    return IntStream.range(0, plan.columns().size()).mapToObj(i -> typed(i, i));
  }

  private Stream<String> keys(int first) {
    return IntStream.range(0, plan.key().length)
        .mapToObj(i -> typed(first + i, plan.keyInWritten()[i]));
  }

  private String typed(int staged, int column) {
    return "s.c" + staged + "::" + plan.columns().get(column).stageType();
  }

  @Override
  public Staged rows() {
    return new Staged(from(), where(ROW), values().toList());
  }

  @Override
  public Staged keys() {
    return new Staged(from(), where(KEY), keys(0).toList());
  }

  @Override
  public Staged parts() {
    List<String> columns = Stream.concat(values(), keys(plan.columns().size())).toList();
    return new Staged(from(), "s.t = " + number + " AND s.g >= 0", columns);
  }

  @Override
  public String insertRows(Connection connection) {
    StringBuilder insert =
        new StringBuilder("INSERT INTO ").append(stages.sql(width)).append(" (t, g");
    for (int i = 0; i < plan.columns().size(); i++) {
      insert.append(", c").append(i);
    }
    return insert
        .append(") SELECT ")
        .append(number)
        .append(", ")
        .append(ROW)
        .append(", ")
        .toString();
  }

  /**
   * By the type's output function. A cast to text is not always that (boolean, inet), and a row of
   * NULLs counts as NULL for IS NULL.
   */
  @Override
  public String carried(String column) {
    return "CASE WHEN "
        + column
        + " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', "
        + column
        + ") END";
  }

  @Override
  public Filling fill(Connection connection) throws SQLException {
    CopyStream copy = stages.open(connection, width);
    String mark = Long.toString(number);
    return new Filling() {
      private void start(int group, int numberInGroup) {
        copy.value(mark);
        copy.value(Integer.toString(group));
        copy.value(Integer.toString(numberInGroup));
      }

      private void end(int used) throws SQLException {
        for (int i = used; i < width; i++) {
          copy.nothing();
        }
        copy.endRow();
      }

      @Override
      public void row(Tuple image) throws SQLException {
        start(ROW, 0);
        copy.values(image, plan.written());
        end(plan.written().length);
      }

      @Override
      public void key(Tuple row) throws SQLException {
        start(KEY, 0);
        copy.values(row, plan.key());
        end(plan.key().length);
      }

      @Override
      public void part(int part, int group, Tuple origin, Tuple image) throws SQLException {
        start(group, part);
        copy.values(image, plan.written());
        copy.values(origin, plan.key());
        end(plan.written().length + plan.key().length);
      }

      @Override
      public void release() {}

      @Override
      public void finish() throws SQLException {
        stages.finish();
      }

      @Override
      public void cancel() throws SQLException {
        stages.cancel();
      }
    };
  }
}
