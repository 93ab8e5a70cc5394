package io.github.pg2adb.source;

import io.debezium.relational.TableId;
import io.github.pg2adb.model.TableName;

/**
 * Table names as Flink CDC carries them. It prints and parses table ids, where dots and quotes have
 * a meaning, so every character but letters, digits, underscore and dollar is written as {@code %}
 * and its four hexadecimal digits. Ordinary names stay as they are, since metrics show them.
 */
final class TableIds {

  private static final int ESCAPE_LENGTH = 5;

  private TableIds() {}

  static TableId of(String database, TableName table) {
    return new TableId(encode(database), encode(table.schema()), encode(table.name()));
  }

  static TableName tableName(TableId id) {
    return new TableName(decode(id.schema()), decode(id.table()));
  }

  static String encode(String name) {
    StringBuilder encoded = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isLetterOrDigit(c) || c == '_' || c == '$') {
        encoded.append(c);
      } else {
        encoded.append(String.format("%%%04X", (int) c));
      }
    }
    return encoded.toString();
  }

  static String decode(String encoded) {
    StringBuilder name = new StringBuilder(encoded.length());
    int i = 0;
    while (i < encoded.length()) {
      char c = encoded.charAt(i);
      if (c == '%') {
        name.append((char) Integer.parseInt(encoded.substring(i + 1, i + ESCAPE_LENGTH), 16));
        i += ESCAPE_LENGTH;
      } else {
        name.append(c);
        i++;
      }
    }
    return name.toString();
  }
}
