package io.github.pg2adb.config;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.NameCase;
import io.github.pg2adb.model.SinkTables;
import io.github.pg2adb.model.Target;
import java.time.Duration;

/**
 * Where the rows go to.
 *
 * @param type what the server must say it is
 * @param endpoint the database and how to log in to it
 * @param tables what is asked of the tables
 * @param ledgerSchema the schema of the tables that keep the task's progress
 * @param flushInterval how long changes wait at most before they are written
 * @param batchRows how many changes are written at once at most
 * @param batchBytes how many bytes of changes are written at once at most
 * @param nameCase how names are spelled that come from the source
 */
public record SinkSection(
    Target.Kind type,
    Endpoint endpoint,
    SinkTables tables,
    String ledgerSchema,
    Duration flushInterval,
    int batchRows,
    MemorySize batchBytes,
    NameCase nameCase) {}
