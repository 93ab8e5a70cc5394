package io.github.pg2adb.model;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * What a task's objects in the source are called.
 *
 * @param slot the replication slot: {@code pg2adb_<task>}
 * @param publication the publication of the tables whose updates and deletes are in the WAL
 * @param insertPublication the publication of the tables without a replica identity, of which
 *     inserts alone can be published; no task's slot can have this name, since slot names have no
 *     dollar
 */
public record TaskNames(String slot, String publication, String insertPublication) {

  private static final String PREFIX = "pg2adb_";

  /** Identifiers have 63 bytes; the longest name here is {@code pg2adb_<task>$insert}. */
  private static final int MAX_TASK_LENGTH = 49;

  /** The names that belong to the task. */
  public static TaskNames of(String task) {
    String name = PREFIX + identifier(task);
    return new TaskNames(name, name, name + "$insert");
  }

  /**
   * The task's name as a part of a slot name: lower case letters, digits and underscores. A name
   * that had to be changed for that gets a checksum, so that two tasks never share a slot.
   */
  static String identifier(String task) {
    String cleaned = task.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
    if (cleaned.equals(task) && task.length() <= MAX_TASK_LENGTH) {
      return task;
    }
    CRC32 checksum = new CRC32();
    checksum.update(task.getBytes(StandardCharsets.UTF_8));
    String suffix = String.format("_%08x", checksum.getValue());
    int length = Math.min(cleaned.length(), MAX_TASK_LENGTH - suffix.length());
    return cleaned.substring(0, length) + suffix;
  }
}
