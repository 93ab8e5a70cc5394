package io.github.pg2adb.schema;

import io.github.pg2adb.model.Partitioning;
import io.github.pg2adb.model.RoutineSchema;
import io.github.pg2adb.model.SequenceSchema;
import io.github.pg2adb.model.SinkDistribution;
import io.github.pg2adb.model.TableName;
import io.github.pg2adb.model.TableSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema;
import io.github.pg2adb.model.TableSchema.ColumnSchema.Generation;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.model.TypeSchema;
import io.github.pg2adb.model.TypeSchema.CompositeType;
import io.github.pg2adb.model.TypeSchema.DomainType;
import io.github.pg2adb.model.TypeSchema.EnumType;
import io.github.pg2adb.model.TypeSchema.RangeType;
import io.github.pg2adb.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes CREATE statements. All take what they are given: what the destination cannot have is left
 * out before.
 */
final class Ddl {

  private static final String NOT_VALID = " NOT VALID";

  private Ddl() {}

  static String createSchema(String schema) {
    return "CREATE SCHEMA " + Sql.quote(schema);
  }

  /**
   * CREATE EXTENSION, with its schema first in the search path until the end of the transaction:
   * Greenplum 7 runs queries of extension scripts (citext's) by the session's path on segments and
   * refuses them otherwise.
   */
  static String createExtension(String extension, String schema) {
    String create = "CREATE EXTENSION " + Sql.quote(extension);
    // an extension is only there if its control file says so, and takes no other word then
    return schema.equals("pg_catalog")
        ? create
        : "SET LOCAL search_path TO "
            + Sql.quote(schema)
            + "; "
            + create
            + " SCHEMA "
            + Sql.quote(schema);
  }

  /**
   * CREATE FUNCTION, PROCEDURE or AGGREGATE. The body may name what is not there yet, such as a
   * table that comes after the function that its default needs.
   */
  static String createRoutine(RoutineSchema routine) {
    return "SET LOCAL check_function_bodies TO off; " + routine.definition();
  }

  /**
   * CREATE SEQUENCE.
   *
   * @param target decides whether it can have a type other than bigint
   */
  static String createSequence(SequenceSchema sequence, Target target) {
    return "CREATE SEQUENCE "
        + Sql.quote(sequence.name())
        + (sequence.type().equals("bigint") || !target.typedSequences()
            ? ""
            : " AS " + sequence.type())
        + (sequence.increment() == 1 ? "" : " INCREMENT BY " + sequence.increment())
        + " MINVALUE "
        + sequence.minimum()
        + " MAXVALUE "
        + sequence.maximum()
        + " START WITH "
        + sequence.start()
        // Greenplum's default is another one
        + " CACHE "
        + sequence.cache()
        + (sequence.cycle() ? " CYCLE" : "");
  }

  /** CREATE SEQUENCE for one of which only the name is known. */
  static String createSequence(TableName sequence) {
    return "CREATE SEQUENCE " + Sql.quote(sequence);
  }

  /** The DISTRIBUTED clause, empty for a destination without segments. */
  static String distributed(@Nullable SinkDistribution distribution) {
    if (distribution == null) {
      return "";
    }
    return switch (distribution.kind()) {
      case BY_COLUMNS -> "DISTRIBUTED BY (" + Sql.quoteAll(distribution.columns()) + ")";
      case RANDOMLY -> "DISTRIBUTED RANDOMLY";
      case REPLICATED -> "DISTRIBUTED REPLICATED";
    };
  }

  /**
   * CREATE TABLE, and one for each of its partitions. Partitions are spread as their root is.
   *
   * @param storage the clause that says how rows are stored, or empty; a root has none and takes
   *     none
   * @param distribution the DISTRIBUTED clause, empty for a destination without segments
   */
  static String createTable(TableSchema table, String storage, String distribution) {
    Partitioning partitioning = table.partitioning();
    Stream<String> columns = table.columns().stream().map(Ddl::column);
    Stream<String> primaryKey =
        table.primaryKey().isEmpty()
            ? Stream.of()
            : Stream.of("PRIMARY KEY (" + Sql.quoteAll(table.primaryKey()) + ")");
    return "CREATE TABLE "
        + Sql.quote(table.name())
        + Stream.concat(columns, primaryKey).collect(Collectors.joining(",\n  ", " (\n  ", "\n)"))
        + (partitioning == null ? "" : "\nPARTITION BY " + partitioning.key())
        + (partitioning != null || storage.isEmpty() ? "" : "\n" + storage)
        + (distribution.isEmpty() ? "" : "\n" + distribution)
        + (partitioning == null ? "" : partitions(table.name(), partitioning, storage));
  }

  private static String partitions(TableName parent, Partitioning partitioning, String storage) {
    return partitioning.partitions().stream()
        .map(
            partition -> {
              Partitioning below = partition.below();
              return ";\nCREATE TABLE "
                  + Sql.quote(partition.name())
                  + " PARTITION OF "
                  + Sql.quote(parent)
                  + " "
                  + partition.bound()
                  + (below != null
                      ? " PARTITION BY "
                          + below.key()
                          + partitions(partition.name(), below, storage)
                      : storage.isEmpty() ? "" : " " + storage);
            })
        .collect(Collectors.joining());
  }

  private static String column(ColumnSchema column) {
    return Sql.quote(column.name())
        + " "
        + column.type()
        + collate(column.collation())
        + value(column)
        + (column.notNull() ? " NOT NULL" : "");
  }

  private static String value(ColumnSchema column) {
    return switch (column.generation()) {
      case NONE ->
          column.defaultExpression() == null ? "" : " DEFAULT " + column.defaultExpression();
      case IDENTITY_ALWAYS -> " GENERATED ALWAYS AS IDENTITY";
      case IDENTITY_BY_DEFAULT -> " GENERATED BY DEFAULT AS IDENTITY";
      case STORED, VIRTUAL -> " GENERATED ALWAYS AS (" + column.defaultExpression() + ") STORED";
    };
  }

  /** ALTER TABLE that adds the default of a column to a table without it. */
  static String setDefault(TableName table, ColumnSchema column) {
    return "ALTER TABLE "
        + Sql.quote(table)
        + " ALTER COLUMN "
        + Sql.quote(column.name())
        + " SET DEFAULT "
        + column.defaultExpression();
  }

  /** Whether the column has a default of its own, not one that the server makes. */
  static boolean hasDefault(ColumnSchema column) {
    return column.generation() == Generation.NONE && column.defaultExpression() != null;
  }

  /**
   * CREATE TYPE or DOMAIN.
   *
   * @param target decides whether a range type comes with a multirange type
   */
  static String createType(TypeSchema type, Target target) {
    if (type instanceof EnumType enumType) {
      return createEnum(enumType);
    }
    if (type instanceof DomainType domain) {
      return createDomain(domain);
    }
    if (type instanceof CompositeType composite) {
      return createComposite(composite);
    }
    return createRange((RangeType) type, target);
  }

  private static String createEnum(EnumType type) {
    return "CREATE TYPE "
        + Sql.quote(type.name())
        + type.labels().stream()
            .map(Sql::literal)
            .collect(Collectors.joining(", ", " AS ENUM (", ")"));
  }

  private static String createDomain(DomainType domain) {
    String checks =
        domain.checks().stream()
            .filter(Ddl::isValidated)
            .map(Ddl::constraint)
            .collect(Collectors.joining());
    return "CREATE DOMAIN "
        + Sql.quote(domain.name())
        + " AS "
        + domain.baseType()
        + collate(domain.collation())
        + (domain.defaultExpression() == null ? "" : " DEFAULT " + domain.defaultExpression())
        + (domain.notNull() ? " NOT NULL" : "")
        + checks;
  }

  /** The domain without its default and checks, which can be added to it. */
  static DomainType bare(DomainType domain) {
    return new DomainType(
        domain.name(), domain.baseType(), domain.collation(), domain.notNull(), null, List.of());
  }

  static String constraint(DomainType.Check check) {
    return " CONSTRAINT " + Sql.quote(check.name()) + " " + check.definition();
  }

  /** Whether all values of the source obey the check. */
  static boolean isValidated(DomainType.Check check) {
    return !check.definition().endsWith(NOT_VALID);
  }

  private static String createComposite(CompositeType composite) {
    return "CREATE TYPE "
        + Sql.quote(composite.name())
        + composite.attributes().stream()
            .map(
                attribute ->
                    Sql.quote(attribute.name())
                        + " "
                        + attribute.type()
                        + collate(attribute.collation()))
            .collect(Collectors.joining(", ", " AS (", ")"));
  }

  private static String createRange(RangeType range, Target target) {
    List<String> options = new ArrayList<>(List.of("SUBTYPE = " + range.subtype()));
    if (range.collation() != null) {
      options.add("COLLATION = " + range.collation());
    }
    if (range.multirange() != null && target.multiranges()) {
      options.add("MULTIRANGE_TYPE_NAME = " + Sql.quote(range.multirange()));
    }
    return "CREATE TYPE "
        + Sql.quote(range.name())
        + " AS RANGE ("
        + String.join(", ", options)
        + ")";
  }

  private static String collate(@Nullable String collation) {
    return collation == null ? "" : " COLLATE " + collation;
  }
}
