package io.github.pg2adb.sink;

import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Temp tables of one target table, with its types and, where the key allows, distributed as it is:
 * for many rows, and for tables that are too wide for text.
 */
final class OwnStaging implements Staging {

  private enum Kind {
    ROWS,
    KEYS,
    PARTS
  }

  private final TablePlan plan;
  private final Stage rows;
  private final Stage keys;
  private final Stage parts;
  private final Set<Kind> ready = EnumSet.noneOf(Kind.class);

  /**
   * @param number makes the tables' names unique in the session
   */
  OwnStaging(TablePlan plan, Target server, long number) {
    this.plan = plan;
    List<String> values = defined("c", IntStream.range(0, plan.columns().size()).toArray());
    List<String> key = defined("k", plan.keyInWritten());
    String distribution = server.distributed() ? distribution("c") : "";
    String keyDistribution = server.distributed() ? distribution("k") : "";
    this.rows =
        new Stage("pg2adb_r" + number, names(values), String.join(", ", values), distribution);
    this.keys = new Stage("pg2adb_k" + number, names(key), String.join(", ", key), keyDistribution);
    List<String> all =
        Stream.of(List.of("g integer", "n integer"), values, key).flatMap(List::stream).toList();
    this.parts =
        new Stage("pg2adb_p" + number, names(all), String.join(", ", all), keyDistribution);
  }

  private List<String> defined(String letter, int[] positions) {
    return IntStream.range(0, positions.length)
        .mapToObj(i -> letter + i + " " + plan.columns().get(positions[i]).stageType())
        .toList();
  }

  private static String names(List<String> definitions) {
    return definitions.stream()
        .map(definition -> definition.substring(0, definition.indexOf(' ')))
        .collect(Collectors.joining(", "));
  }

  /** Beside the target's rows where the key has all that they are distributed by, else anywhere. */
  private String distribution(String letter) {
    List<String> by = new ArrayList<>();
    for (String name : plan.target().distribution()) {
      for (int i = 0; i < plan.keyInWritten().length; i++) {
        int position = plan.keyInWritten()[i];
        if (plan.columns().get(position).name().equals(name)) {
          by.add(letter + (letter.equals("k") ? i : position));
        }
      }
    }
    return by.isEmpty() || by.size() < plan.target().distribution().size()
        ? " DISTRIBUTED RANDOMLY"
        : " DISTRIBUTED BY (" + String.join(", ", by) + ")";
  }

  List<Stage> stages() {
    return List.of(rows, keys, parts);
  }

  @Override
  public void begin() {
    ready.clear();
  }

  private Stage prepare(Connection connection, Kind kind) throws SQLException {
    Stage stage =
        switch (kind) {
          case ROWS -> rows;
          case KEYS -> keys;
          case PARTS -> parts;
        };
    if (ready.add(kind)) {
      stage.clear(connection);
    }
    return stage;
  }

  @Override
  public Staged rows() {
    return new Staged(rows.sql() + " AS s", "TRUE", columns("s.c", plan.columns().size()).toList());
  }

  @Override
  public Staged keys() {
    return new Staged(keys.sql() + " AS s", "TRUE", columns("s.k", plan.key().length).toList());
  }

  @Override
  public Staged parts() {
    return new Staged(
        parts.sql() + " AS s",
        "TRUE",
        Stream.concat(columns("s.c", plan.columns().size()), columns("s.k", plan.key().length))
            .toList());
  }

  private static Stream<String> columns(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i);
  }

  @Override
  public String insertRows(Connection connection) throws SQLException {
    Stage stage = prepare(connection, Kind.ROWS);
    stage.filledBySql();
    return "INSERT INTO " + stage.sql() + " SELECT ";
  }

  @Override
  public String carried(String column) {
    return column;
  }

  @Override
  public Filling fill(Connection connection) {
    return new OwnFilling(connection);
  }

  /** One COPY after the other, as the kinds come. */
  private final class OwnFilling implements Filling {
    private final Connection connection;
    private @Nullable Kind open;
    private @Nullable CopyStream copy;

    OwnFilling(Connection connection) {
      this.connection = connection;
    }

    private CopyStream stream(Kind kind) throws SQLException {
      CopyStream current = copy;
      if (current == null || kind != open) {
        finish();
        current = prepare(connection, kind).fill(connection);
        copy = current;
        open = kind;
      }
      return current;
    }

    @Override
    public void row(Tuple image) throws SQLException {
      stream(Kind.ROWS).row(image, plan.written());
    }

    @Override
    public void key(Tuple row) throws SQLException {
      stream(Kind.KEYS).row(row, plan.key());
    }

    @Override
    public void part(int number, int group, Tuple origin, Tuple image) throws SQLException {
      CopyStream stream = stream(Kind.PARTS);
      stream.value(Integer.toString(group));
      stream.value(Integer.toString(number));
      for (int column : plan.written()) {
        stream.value(image, column);
      }
      stream.row(origin, plan.key());
    }

    @Override
    public void release() throws SQLException {
      finish();
    }

    @Override
    public void finish() throws SQLException {
      if (copy != null) {
        copy.finish();
        copy = null;
      }
    }

    @Override
    public void cancel() throws SQLException {
      if (copy != null) {
        copy.close();
      }
    }
  }
}
