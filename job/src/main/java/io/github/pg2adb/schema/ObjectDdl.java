package io.github.pg2adb.schema;

import io.github.pg2adb.model.SequenceSchema;
import io.github.pg2adb.model.SourceSchema.ColumnName;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.Sql;
import io.github.pg2adb.schema.SourceConstraint.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes the statements that create what comes after the rows. */
final class ObjectDdl {

  /** The storage parameters that every release since 9.4 takes, each for its access method. */
  private static final Set<String> KNOWN_OPTIONS =
      Set.of("fillfactor", "buffering", "fastupdate", "gin_pending_list_limit", "pages_per_range");

  private static final Set<String> VIEW_OPTIONS = Set.of("security_barrier", "check_option");

  private ObjectDdl() {}

  /**
   * CREATE INDEX.
   *
   * @param method the access method to use
   */
  static String createIndex(SourceIndex index, String method, Target target) {
    StringBuilder sql = new StringBuilder("CREATE ");
    sql.append(index.unique() ? "UNIQUE INDEX " : "INDEX ").append(Sql.quote(index.name()));
    sql.append(" ON ").append(Sql.quote(index.table())).append(" USING ").append(method);
    sql.append(
        index.keys().stream().map(ObjectDdl::key).collect(Collectors.joining(", ", " (", ")")));
    if (!index.included().isEmpty() && target.coveringIndexes()) {
      sql.append(" INCLUDE (").append(Sql.quoteAll(index.included())).append(')');
    }
    if (index.nullsNotDistinct() && target.nullsNotDistinct()) {
      sql.append(" NULLS NOT DISTINCT");
    }
    String options = options(index.options(), KNOWN_OPTIONS);
    if (!options.isEmpty() && method.equals(index.method())) {
      sql.append(" WITH (").append(options).append(')');
    }
    if (index.predicate() != null) {
      sql.append(" WHERE ").append(index.predicate());
    }
    return sql.toString();
  }

  private static String key(SourceIndex.Key key) {
    return (key.column() == null ? "(" + key.expression() + ")" : Sql.quote(key.column()))
        + (key.collation() == null ? "" : " COLLATE " + key.collation())
        + (key.operatorClass() == null ? "" : " " + key.operatorClass())
        + (key.descending() ? " DESC" : "")
        // the default is last upwards and first downwards
        + (key.nullsFirst() == key.descending()
            ? ""
            : key.nullsFirst() ? " NULLS FIRST" : " NULLS LAST");
  }

  private static String options(List<String> options, Set<String> known) {
    List<String> kept = new ArrayList<>();
    for (String option : options) {
      int end = option.indexOf('=');
      if (end > 0 && known.contains(option.substring(0, end))) {
        kept.add(option.substring(0, end) + " = " + Sql.literal(option.substring(end + 1)));
      }
    }
    return String.join(", ", kept);
  }

  /**
   * ALTER TABLE ... ADD CONSTRAINT; a foreign key without looking at the rows.
   *
   * @param atOnce whether a foreign key must look at them, which it must on a partitioned table
   */
  static String addConstraint(SourceConstraint constraint, Target target, boolean atOnce) {
    String definition =
        switch (constraint.kind()) {
          case CHECK, EXCLUSION -> constraint.definition();
          case UNIQUE -> unique(constraint, target);
          case FOREIGN_KEY -> foreignKey(constraint) + (atOnce ? "" : " NOT VALID");
        };
    return alter(constraint) + " ADD CONSTRAINT " + Sql.quote(constraint.name()) + " " + definition;
  }

  /** ALTER TABLE ... VALIDATE CONSTRAINT. */
  static String validate(SourceConstraint constraint) {
    return alter(constraint) + " VALIDATE CONSTRAINT " + Sql.quote(constraint.name());
  }

  private static String alter(SourceConstraint constraint) {
    return "ALTER TABLE " + Sql.quote(constraint.table());
  }

  private static String unique(SourceConstraint constraint, Target target) {
    return "UNIQUE"
        + (constraint.nullsNotDistinct() && target.nullsNotDistinct() ? " NULLS NOT DISTINCT" : "")
        + " ("
        + Sql.quoteAll(constraint.columns())
        + ")"
        + (constraint.included().isEmpty() || !target.coveringIndexes()
            ? ""
            : " INCLUDE (" + Sql.quoteAll(constraint.included()) + ")")
        + constraint.timing();
  }

  private static String foreignKey(SourceConstraint constraint) {
    Reference reference = constraint.reference();
    if (reference == null) {
      throw new IllegalArgumentException("A foreign key without reference: " + constraint);
    }
    return "FOREIGN KEY ("
        + Sql.quoteAll(constraint.columns())
        + ") REFERENCES "
        + Sql.quote(reference.table())
        + " ("
        + Sql.quoteAll(reference.columns())
        + ")"
        + (reference.match() == 'f' ? " MATCH FULL" : "")
        + action(" ON UPDATE ", reference.onUpdate())
        + action(" ON DELETE ", reference.onDelete())
        + (reference.onDeleteColumns().isEmpty()
            ? ""
            : " (" + Sql.quoteAll(reference.onDeleteColumns()) + ")")
        + constraint.timing();
  }

  /** By pg_constraint's letters. */
  private static String action(String when, char letter) {
    return switch (letter) {
      case 'r' -> when + "RESTRICT";
      case 'c' -> when + "CASCADE";
      case 'n' -> when + "SET NULL";
      case 'd' -> when + "SET DEFAULT";
      default -> "";
    };
  }

  /** ALTER SEQUENCE ... OWNED BY. */
  static String ownSequence(SequenceSchema sequence, ColumnName owner) {
    return "ALTER SEQUENCE "
        + Sql.quote(sequence.name())
        + " OWNED BY "
        + Sql.quote(owner.table())
        + "."
        + Sql.quote(owner.column());
  }

  /**
   * Moves a sequence to the value that the source's gave last, unless it is further already. The
   * sequence of an identity column is found by the column.
   */
  static String moveSequence(SequenceSchema sequence, long value, Target target) {
    ColumnName owner = sequence.owner();
    String name =
        sequence.identity() && owner != null
            ? "pg_catalog.pg_get_serial_sequence("
                + Sql.literal(Sql.quote(owner.table()))
                + ", "
                + Sql.literal(owner.column())
                + ")"
            : Sql.literal(Sql.quote(sequence.name()));
    String behind = sequence.increment() > 0 ? " < " : " > ";
    return target.typedSequences()
        ? "SELECT pg_catalog.setval(q, "
            + value
            + ") FROM (SELECT "
            + name
            + "::pg_catalog.regclass AS q) s WHERE pg_catalog.pg_sequence_last_value(q) IS NULL OR pg_catalog.pg_sequence_last_value(q)"
            + behind
            + value
        : "SELECT pg_catalog.setval("
            + name
            + "::pg_catalog.regclass, "
            + value
            + ") FROM "
            + Sql.quote(sequence.name())
            + " WHERE NOT is_called OR last_value"
            + behind
            + value;
  }

  /**
   * CREATE VIEW or MATERIALIZED VIEW.
   *
   * @param name what it is called at first
   * @param relations what it names; a materialized view gets its rows when nobody waits for these
   */
  static String createView(SourceView view, TableName name, RenamedRelations relations) {
    String noData = view.materialized() && !relations.moves().isEmpty() ? "\nWITH NO DATA" : "";
    String options = view.materialized() ? "" : options(view.options(), VIEW_OPTIONS);
    String query = view.query().strip();
    return (view.materialized() ? "CREATE MATERIALIZED VIEW " : "CREATE VIEW ")
        + Sql.quote(name)
        + (view.columns().isEmpty() ? "" : " (" + Sql.quoteAll(view.columns()) + ")")
        + (options.isEmpty() ? "" : " WITH (" + options + ")")
        + " AS\n"
        + (query.endsWith(";") ? query.substring(0, query.length() - 1) : query)
        + noData;
  }

  /** REFRESH MATERIALIZED VIEW. */
  static String refresh(SourceView view) {
    return "REFRESH MATERIALIZED VIEW " + Sql.quote(view.name());
  }

  static String analyze(TableName table) {
    return "ANALYZE " + Sql.quote(table);
  }
}
