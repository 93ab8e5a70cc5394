package io.github.pg2adb.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What becomes of one source table's name, columns and rows. */
public final class TableRoute {

  private final TableName source;
  private final TableName target;
  private final Routes.@Nullable Rule rule;
  private final NameCase nameCase;
  private final @Nullable ConstantColumn constant;
  private final Map<String, Optional<String>> columns = new ConcurrentHashMap<>();

  TableRoute(
      TableName source,
      TableName target,
      Routes.@Nullable Rule rule,
      NameCase nameCase,
      @Nullable ConstantColumn constant) {
    this.source = source;
    this.target = target;
    this.rule = rule;
    this.nameCase = nameCase;
    this.constant = constant;
  }

  /**
   * A column that the source has not, with its value in every row of the table.
   *
   * @param name its name
   * @param type its type
   * @param value its value
   */
  public record ConstantColumn(String name, Route.Constant.Type type, String value) {}

  /** The table in the source. */
  public TableName source() {
    return source;
  }

  /** The table in the destination. */
  public TableName target() {
    return target;
  }

  /** The rule that decided, empty if only the case policy did. */
  Optional<Routes.Rule> rule() {
    return Optional.ofNullable(rule);
  }

  /** What the column is called in the destination, empty if it is not migrated. */
  public Optional<String> column(String name) {
    return columns.computeIfAbsent(name, this::find);
  }

  private Optional<String> find(String name) {
    if (rule == null) {
      return Optional.of(nameCase.part(name));
    }
    return rule.isMigrated(name) ? Optional.of(rule.column(name, nameCase)) : Optional.empty();
  }

  /** What these columns are called in the destination, without those that are not migrated. */
  public List<String> columns(List<String> names) {
    return names.stream().flatMap(name -> column(name).stream()).toList();
  }

  /** Those of these columns that are migrated, as the source calls them. */
  public List<String> migrated(List<String> names) {
    return names.stream().filter(name -> column(name).isPresent()).toList();
  }

  /** The column with the same value in all rows of the table. */
  public Optional<ConstantColumn> constant() {
    return Optional.ofNullable(constant);
  }

  /** For messages: the source's name, and the destination's where that is another. */
  @Override
  public String toString() {
    return source.equals(target) ? source.toString() : source + " -> " + target;
  }
}
