package io.github.pg2adb.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * Everything that a precheck looks at, in the order in which it reports: the stable codes that task
 * files and scripts name, and what the README says of each.
 */
public enum PrecheckCode {
  SOURCE_CONNECTION(
      Severity.ERROR,
      "The source can be logged in to",
      "Without it nothing else can be checked or read."),
  SINK_CONNECTION(
      Severity.ERROR,
      "The destination can be logged in to",
      "Without it nothing else can be checked or written."),
  SOURCE_TLS(
      Severity.WARNING,
      "The connection to a source on another machine is encrypted",
      "Password and rows can be read on the way."),
  SINK_TLS(
      Severity.WARNING,
      "The connection to a destination on another machine is encrypted",
      "Password and rows can be read on the way."),
  SOURCE_POOLER(
      Severity.ERROR,
      "No pooler such as PgBouncer is between here and the source",
      "A pooler does not carry the replication protocol and mixes sessions."),
  SINK_POOLER(
      Severity.ERROR,
      "No pooler such as PgBouncer is between here and the destination",
      "Writers keep temporary tables and settings in their sessions, which a pooler takes away."),
  SOURCE_SESSION(
      Severity.ERROR,
      "The source takes the session's settings",
      "Values of dates, floats and bytea would be written as text in another form than they are read."),
  SINK_SESSION(
      Severity.ERROR,
      "The destination takes the session's settings",
      "Values of dates, floats and bytea would be read from text in another form than they were written."),
  SOURCE_VERSION(
      Severity.ERROR,
      "The source is PostgreSQL 10 to 18",
      "Logical decoding through pgoutput came with 10; 10 itself does not publish TRUNCATE, which is then a warning."),
  SINK_KIND(
      Severity.ERROR,
      "The destination is what sink.type says",
      "A wrong address would be written to otherwise."),
  SINK_VERSION(
      Severity.ERROR,
      "The destination is based on PostgreSQL 12 or newer",
      "Older ones lack generated columns and parts of ON CONFLICT; Greenplum 6 and AnalyticDB 6 were never run, which is a warning."),
  SINK_READ_ONLY(
      Severity.ERROR,
      "The destination can be written",
      "A standby, a server in recovery and a session that is read-only by default refuse every row."),
  ENCODING(
      Severity.IGNORABLE_ERROR,
      "The destination's encoding holds every character of the source",
      "A row with a character that the destination cannot hold stops the task."),
  COLLATION(
      Severity.WARNING,
      "Both databases sort text alike",
      "ORDER BY, ranges of text and upper() answer otherwise in the destination; values are the same."),
  SESSION_DEFAULTS(
      Severity.WARNING,
      "Sessions of other programs write and read values alike at both ends",
      "TimeZone, DateStyle and the like decide what a program sees of values that are the same."),
  MONEY_FORMAT(
      Severity.ERROR,
      "Both databases write money alike, if a selected column has that type",
      "Money is stored without its point, whose place lc_monetary tells: 1234 is 12.34 here and 1234 there. A form that differs in"
          + " nothing else is a warning."),
  SOURCE_STANDBY(
      Severity.ERROR,
      "The source is a primary",
      "Slots and publications are created on the primary."),
  SOURCE_FAILOVER(
      Severity.WARNING,
      "The source has no standby that could be promoted",
      "A promoted standby may lack the slot, or changes that the destination has: the task must then start anew."),
  WAL_LEVEL(
      Severity.ERROR, "wal_level is logical", "Changes cannot be decoded from less WAL than that."),
  REPLICATION_LOGIN(
      Severity.ERROR,
      "The role can log in for replication",
      "Changes arrive through the replication protocol: REPLICATION, pg_hba.conf and a free walsender are needed."),
  FREE_SLOT(
      Severity.ERROR,
      "The source has a free replication slot",
      "The task's slot keeps the WAL from the moment before the first row is read."),
  FREE_WALSENDER(
      Severity.ERROR,
      "The source has a free walsender",
      "One is needed as long as the task follows changes."),
  WAL_SENDER_TIMEOUT(
      Severity.WARNING,
      "wal_sender_timeout is longer than the job's reports",
      "The server drops a reader that it has not heard of for that long, again and again."),
  WAL_RETENTION(
      Severity.WARNING,
      "The slot may keep enough WAL while rows are copied",
      "A slot that falls behind max_slot_wal_keep_size is given up, and the task must start anew."),
  WAL_SPACE(
      Severity.WARNING,
      "The source's disk has room for the WAL that the slot keeps",
      "A full disk stops the source. PostgreSQL cannot be asked for the room that is left; what else makes WAL pile up, it tells."),
  DECODING_MEMORY(
      Severity.WARNING,
      "logical_decoding_work_mem is 64MB or more",
      "Larger transactions are written to the source's disk before they are sent."),
  OPEN_TRANSACTION(
      Severity.WARNING,
      "No transaction has been open for long",
      "The slot's creation waits for the end of every transaction that has written and was open before."),
  PREPARED_TRANSACTION(
      Severity.WARNING,
      "No transaction has been prepared for long",
      "The slot's creation waits for the end of every prepared transaction, also of one that was forgotten."),
  TABLES_SELECTED(
      Severity.ERROR,
      "Every pattern of tables and tables.exclude fits the source",
      "A table that is not there, or a partition without its root, cannot be migrated."),
  TABLE_UNLOGGED(
      Severity.WARNING,
      "No selected table is unlogged",
      "Its changes are not in the WAL, so that it is left out."),
  TABLE_LEFT_OUT(
      Severity.WARNING,
      "No selected table is foreign or belongs to an extension",
      "It holds no rows of this database's own, so that it is left out."),
  HYPERTABLE(
      Severity.ERROR,
      "No selected table is a TimescaleDB hypertable",
      "Its rows are in other tables: it would arrive empty."),
  INHERITANCE(
      Severity.WARNING,
      "No selected table has children by inheritance, or a parent",
      "Each is a table of its own in the destination: a query of the parent does not show the children's rows there."),
  LARGE_OBJECTS(
      Severity.WARNING,
      "The database has no large objects",
      "They are neither in tables nor in logical decoding: their oids arrive, they themselves do not."),
  NAMES_COLLIDE(
      Severity.ERROR,
      "Every table, column, view, sequence, type and partition has a name of its own in the destination",
      "Routes and the case policy may give one name to several; rows of one table would be among another's. Tables that"
          + " are meant to meet in one need a constant column, and the same columns and key. Indexes get a number, which is a warning."),
  NAME_LENGTH(
      Severity.ERROR,
      "No name in the destination has more than 63 bytes",
      "A server cuts what is longer, so that two names may become one."),
  ROUTE_COLUMNS(
      Severity.ERROR,
      "Routes leave out no column of a key",
      "Changes find their rows by the key, which must be there as a whole."),
  ROUTE_CHANGED(
      Severity.ERROR,
      "Tables that the task has loaded have the names, columns and constants that they were loaded with",
      "Rows stay as they were loaded: under another route the changes would go to a table without them, or miss them."),
  ROUTE_UNUSED(
      Severity.ERROR,
      "Every route and every column of a route matches something",
      "What a misspelled route was meant for goes to another table than it should."),
  SOURCE_SELECT(
      Severity.ERROR,
      "The source role may read every selected table",
      "SELECT on the table and USAGE on its schema are needed."),
  ROW_SECURITY(
      Severity.ERROR,
      "No policy hides rows from the source role",
      "Hidden rows would be missing in the destination."),
  PUBLICATION_RIGHTS(
      Severity.ERROR,
      "The source role may publish the selected tables",
      "Only a table's owner can add it to a publication, and only who has CREATE on the database can make one."),
  PUBLICATION_OPTIONS(
      Severity.ERROR,
      "A publication of the task's name publishes everything",
      "One that was made otherwise, with some operations, rows or columns alone, loses the rest."),
  REPLICA_IDENTITY(
      Severity.ERROR,
      "Every selected table has a replica identity",
      "Without one PostgreSQL publishes inserts alone: updates and deletes do not arrive."),
  PARTITION_IDENTITY(
      Severity.ERROR,
      "Every partition has a replica identity if its root is published whole",
      "PostgreSQL refuses the application's updates and deletes of a partition without one as soon as its root is published."),
  GENERATED_KEY(
      Severity.ERROR,
      "No replica identity has a generated column",
      "Generated columns are not in the WAL, so that no row could be found by it."),
  TOAST_IDENTITY(
      Severity.WARNING,
      "Tables with large values have REPLICA IDENTITY FULL",
      "An update does not carry a large value that it leaves as it is. The other columns are then updated one row at a time, and a"
          + " row that is not there is read again from the source: correct, but slower."),
  TASK_SLOT(
      Severity.ERROR,
      "Slot, publications and ledger of the task fit one another",
      "Changes would be missing between what the destination has and what the slot can deliver."),
  TASK_RUNNING(
      Severity.WARNING,
      "Nobody else reads the task's slot",
      "Two tasks of one name get in each other's way: the second waits and fails."),
  TASK_TABLES(
      Severity.WARNING,
      "No other task has loaded the selected tables",
      "Two tasks would write into one table, unless the other is given up."),
  SOURCE_CONNECTIONS(
      Severity.IGNORABLE_ERROR,
      "The source has enough free connections",
      "Every reader has a connection besides those that watch."),
  SINK_CONNECTIONS(
      Severity.IGNORABLE_ERROR,
      "The destination has enough free connections",
      "Every writer has a connection besides those that keep the ledger."),
  SINK_CREATE(
      Severity.ERROR,
      "The sink's role may create what is absent",
      "Schemas, tables and, for changes, temporary tables are created."),
  SINK_WRITE(
      Severity.ERROR,
      "The sink's role may write the tables that are there",
      "Rows are copied, inserted, updated, deleted and truncated."),
  LEDGER_WRITABLE(
      Severity.ERROR,
      "The ledger can be created or written",
      "What is done is recorded in the same transaction as the rows."),
  EXTENSION_MISSING(
      Severity.ERROR,
      "The destination has, or can get, the extensions of selected columns",
      "A table cannot be created without the types of its columns."),
  TYPE_MISSING(
      Severity.ERROR,
      "The destination has the types of selected columns",
      "A table cannot be created without the types of its columns; one made by hand may use text."),
  TYPE_DIFFERS(
      Severity.ERROR,
      "Types that are there have the source's labels and attributes",
      "A value that the destination's type does not know stops the task."),
  COLLATION_MISSING(
      Severity.WARNING,
      "The destination has the collations of selected columns",
      "The column is created with the default collation and sorts otherwise."),
  CONSTRAINT_LEFT_OUT(
      Severity.WARNING,
      "The destination can enforce the primary keys, unique and exclusion constraints of tables that it has not",
      "Segments compare rows only within themselves. What arrives was checked by the source; what others write there is not."),
  TABLE_OPTIONS_UNUSED(
      Severity.ERROR,
      "Every pattern of sink.distribution, sink.storage and sink.partitions matches a selected table",
      "The table that a misspelled pattern was meant for would get another form, in which it then stays."),
  DISTRIBUTION_OPTION(
      Severity.ERROR,
      "Tables that the destination has not can be distributed as sink.distribution says",
      "It needs segments, columns that are there, and types by which segments can tell rows apart."),
  STORAGE_OPTION(
      Severity.ERROR,
      "Tables that the destination has not can be stored as sink.storage says",
      "Not every destination has every storage, and append-optimised tables are not for changes."),
  PARTITIONS_OPTION(
      Severity.WARNING,
      "Tables that the destination has not can have the partitions that sink.partitions asks",
      "What cannot be cut so becomes one plain table."),
  SINK_TABLE_MISSING(
      Severity.ERROR, "Without the schema phase, all tables are there", "Rows have nowhere to go."),
  SINK_TABLE_EXISTS(
      Severity.ERROR,
      "With the schema phase, no table is there that the task did not create, unless sink.on-existing-table is keep",
      "What others have made is not written to unless the task file says so; a name in another case is most probably the same table."),
  SINK_COLUMNS(
      Severity.ERROR,
      "Tables that are there have the source's columns",
      "A value without a column stops the task, and so does a column that must have a value and gets none."),
  SINK_ROWS(
      Severity.IGNORABLE_ERROR,
      "Tables that are to be copied into are empty",
      "Rows that are there already collide with those that are copied, or stay beside them."),
  SINK_KEPT_ROWS(
      Severity.WARNING,
      "Tables whose rows stay have a key, or no rows",
      "Rows without a key cannot be compared, so that those that are copied come beside those that are there."),
  SINK_TYPES(
      Severity.WARNING,
      "Columns of tables that are there have the source's types",
      "A value that the other type does not take stops the task; one that it takes may be rounded or read otherwise."),
  SINK_KEY(
      Severity.WARNING,
      "Tables that are there have the source's key as a unique key",
      "Without it every change is a delete and an insert that reads the whole table."),
  SINK_UNIQUE(
      Severity.WARNING,
      "Tables that are there have no unique or exclusion constraint that the source lacks",
      "A row that the source takes and the destination refuses stops the task."),
  SINK_CHECK(
      Severity.WARNING,
      "Tables that are there have no check constraint that the source lacks",
      "A row that the source takes and the destination refuses stops the task."),
  SINK_FOREIGN_KEY(
      Severity.WARNING,
      "Foreign keys do not act in the destination",
      "Tables are loaded in any order and at the same time, so that a row may come before the one it refers to."),
  SINK_TRIGGER(
      Severity.WARNING,
      "Triggers and rules do not act in the destination",
      "What they did at the source arrives anyway and would be done twice."),
  SINK_DISTRIBUTION(
      Severity.WARNING,
      "Tables that are there are distributed by columns of the source's key",
      "Otherwise every change is sent to all segments, and is a delete and an insert."),
  SINK_STORAGE(
      Severity.WARNING,
      "Tables that are there and get changes are heap tables",
      "Append-optimised and column tables keep deleted rows until VACUUM and lock the table for updates."),
  DEADLOCK_DETECTOR(
      Severity.WARNING,
      "gp_enable_global_deadlock_detector is on",
      "Without it an update or delete locks the whole table against other writers."),
  RESOURCE_LIMIT(
      Severity.WARNING,
      "The role's resource group or queue takes all writers at once",
      "Writers above the limit wait until others end."),
  SINK_SPACE(
      Severity.WARNING,
      "The fullest segment has room for its share of the rows",
      "A full disk stops the destination. Only Greenplum and AnalyticDB can be asked.");

  /** How bad it is if the claim does not hold. */
  public enum Severity {
    /** The task can run; the task file may turn it off. */
    WARNING,
    /** The task most probably fails, but loses nothing; the task file may turn it off. */
    IGNORABLE_ERROR,
    /** The task cannot run or would lose data. */
    ERROR
  }

  private final Severity severity;
  private final String title;
  private final String reason;

  PrecheckCode(Severity severity, String title, String reason) {
    this.severity = severity;
    this.title = title;
    this.reason = reason;
  }

  public Severity severity() {
    return severity;
  }

  /** Whether the task file may turn it off. */
  public boolean isIgnorable() {
    return severity != Severity.ERROR;
  }

  /** The claim that is checked. */
  public String title() {
    return title;
  }

  /** Why it matters. */
  public String reason() {
    return reason;
  }

  /** The code of that name. */
  public static Optional<PrecheckCode> find(String name) {
    return Arrays.stream(values()).filter(code -> code.name().equals(name)).findFirst();
  }
}
