package io.github.pg2adb.source.wal;

import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.Relation;
import io.github.pg2adb.model.Tuple;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message of the logical decoding plugin pgoutput, protocol version 1.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html">message
 *     formats</a>
 */
public sealed interface PgOutputMessage {

  /** Hands the message to the visitor's method for its kind. */
  void accept(Visitor visitor);

  /** One method per kind of message, so that none can be overlooked. */
  interface Visitor {
    void visit(Begin begin);

    void visit(Commit commit);

    void visit(Origin origin);

    void visit(RelationDefinition definition);

    void visit(TypeDefinition definition);

    void visit(Insert insert);

    void visit(Update update);

    void visit(Delete delete);

    void visit(TruncateTables truncate);

    void visit(LogicalMessage message);
  }

  /**
   * A transaction starts.
   *
   * @param commitLsn where its commit record starts
   * @param commitTimeMicros when it committed, microseconds since 1970-01-01 UTC
   * @param xid its id
   */
  record Begin(Lsn commitLsn, long commitTimeMicros, int xid) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * The transaction ends.
   *
   * @param commitLsn where its commit record starts
   * @param endLsn where its commit record ends
   * @param commitTimeMicros when it committed, microseconds since 1970-01-01 UTC
   */
  record Commit(Lsn commitLsn, Lsn endLsn, long commitTimeMicros) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * The transaction came to the source by replication.
   *
   * @param commitLsn the commit's position at the origin
   * @param name the origin's name
   */
  record Origin(Lsn commitLsn, String name) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * The shape of the rows of a relation, before its first row and after each change of the shape.
   *
   * @param relation the shape, the table named as the source names it
   */
  record RelationDefinition(Relation relation) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * The name of a type that is not built in and that a relation uses.
   *
   * @param oid the type's oid
   * @param schema the type's schema
   * @param name the type's name
   */
  record TypeDefinition(int oid, String schema, String name) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * An inserted row.
   *
   * @param relationId the relation's oid
   * @param newRow the row
   */
  record Insert(int relationId, Tuple newRow) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * An updated row.
   *
   * @param relationId the relation's oid
   * @param oldRow the row before or its key; null when the key did not change
   * @param oldRowIsWhole whether {@code oldRow} has every column
   * @param newRow the row after
   */
  record Update(int relationId, @Nullable Tuple oldRow, boolean oldRowIsWhole, Tuple newRow)
      implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * A deleted row.
   *
   * @param relationId the relation's oid
   * @param oldRow the row or its key
   * @param oldRowIsWhole whether {@code oldRow} has every column
   */
  record Delete(int relationId, Tuple oldRow, boolean oldRowIsWhole) implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * Emptied tables.
   *
   * @param relationIds the relations' oids
   * @param cascade whether the statement said CASCADE
   * @param restartIdentity whether the statement said RESTART IDENTITY
   */
  record TruncateTables(List<Integer> relationIds, boolean cascade, boolean restartIdentity)
      implements PgOutputMessage {
    public TruncateTables {
      relationIds = List.copyOf(relationIds);
    }

    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }

  /**
   * What {@code pg_logical_emit_message} wrote.
   *
   * @param transactional whether it belongs to the transaction around it
   * @param lsn its position
   * @param prefix the writer's word for it
   * @param content the bytes
   */
  record LogicalMessage(boolean transactional, Lsn lsn, String prefix, byte[] content)
      implements PgOutputMessage {
    @Override
    public void accept(Visitor visitor) {
      visitor.visit(this);
    }
  }
}
