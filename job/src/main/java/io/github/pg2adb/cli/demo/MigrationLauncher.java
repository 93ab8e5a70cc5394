package io.github.pg2adb.cli.demo;

import io.github.pg2adb.model.Endpoint;
import java.util.List;

/** Starts a migration with all phases inside this process. */
@FunctionalInterface
public interface MigrationLauncher {

  /**
   * Starts and returns at once.
   *
   * @param source the database to read
   * @param target the database to write, without any table yet; its ledger goes to schema {@code
   *     pg2adb}
   * @param task the task's name
   * @param tables the tables to migrate, as the task file spells them
   * @param webPort the dashboard's port
   */
  MigrationRun start(
      Endpoint source, Endpoint target, String task, List<String> tables, int webPort);
}
