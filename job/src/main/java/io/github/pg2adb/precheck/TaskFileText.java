package io.github.pg2adb.precheck;

import io.github.pg2adb.model.TableName;
import io.github.pg2adb.postgres.Sql;
import java.util.Collection;
import java.util.stream.Collectors;

/** Writes names as the task file takes them. */
final class TaskFileText {

  private TaskFileText() {}

  /** A list in brackets. */
  static String list(Collection<TableName> names) {
    return names.stream().map(TaskFileText::name).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String name(TableName name) {
    String text = part(name.schema()) + "." + part(name.name());
    return text.indexOf('"') < 0 ? text : "'" + text.replace("'", "''") + "'";
  }

  private static String part(String name) {
    return name.matches("[A-Za-z0-9_$]+") ? name : Sql.quote(name);
  }
}
