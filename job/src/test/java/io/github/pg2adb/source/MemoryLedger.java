package io.github.pg2adb.source;

import io.github.pg2adb.model.AppliedPosition;
import io.github.pg2adb.model.Chunk;
import io.github.pg2adb.model.LoadedChunk;
import io.github.pg2adb.model.Lsn;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.MigrationLedger;
import io.github.pg2adb.model.SourceIdentity;
import io.github.pg2adb.model.TableLoad;
import io.github.pg2adb.model.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A ledger in this JVM; copies that Flink makes of it share the content. */
final class MemoryLedger implements MigrationLedger {

  private static final long serialVersionUID = 1L;

  private static final Map<String, Content> CONTENTS = new ConcurrentHashMap<>();

  private final String name;

  MemoryLedger(String name) {
    this.name = name;
    CONTENTS.computeIfAbsent(name, key -> new Content());
  }

  Content content() {
    return CONTENTS.get(name);
  }

  @Override
  public Session open() {
    return content();
  }

  /** The tests that use this start a task once. */
  @Override
  public Claim claim(Consumer<MigrationException> onLost) {
    return () -> {};
  }

  /** What the ledger holds. */
  static final class Content implements Session {

    private @Nullable Lsn position;
    private @Nullable SourceIdentity source;
    private final List<Chunk> planned = new ArrayList<>();
    private final Map<Chunk, LoadedChunk> loaded = new LinkedHashMap<>();
    private final List<String> events = new ArrayList<>();

    @Override
    public synchronized Optional<Lsn> position() {
      return Optional.ofNullable(position);
    }

    @Override
    public synchronized Optional<SourceIdentity> source() {
      return Optional.ofNullable(source);
    }

    @Override
    public synchronized void recordSource(SourceIdentity identity) {
      source = identity;
    }

    @Override
    public synchronized void recordStart(Lsn consistentPoint) {
      if (position == null) {
        position = consistentPoint;
      }
    }

    @Override
    public synchronized List<Chunk> plannedChunks() {
      return List.copyOf(planned);
    }

    @Override
    public synchronized void recordPlan(List<Chunk> chunks) {
      planned.addAll(chunks);
    }

    @Override
    public synchronized List<LoadedChunk> loadedChunks() {
      return List.copyOf(loaded.values());
    }

    @Override
    public synchronized Optional<AppliedPosition> applied() {
      return position().map(lsn -> new AppliedPosition(lsn, 0, 0));
    }

    @Override
    public synchronized Map<TableName, TableLoad> loads() {
      Map<TableName, TableLoad> loads = new LinkedHashMap<>();
      planned.forEach(chunk -> loads.merge(chunk.table(), new TableLoad(1, 0, 0, 0), Content::add));
      loaded
          .values()
          .forEach(
              chunk ->
                  loads.merge(
                      chunk.chunk().table(),
                      new TableLoad(0, 1, chunk.rows(), chunk.bytes()),
                      Content::add));
      return loads;
    }

    private static TableLoad add(TableLoad a, TableLoad b) {
      return new TableLoad(
          a.plannedChunks() + b.plannedChunks(),
          a.loadedChunks() + b.loadedChunks(),
          a.rows() + b.rows(),
          a.bytes() + b.bytes());
    }

    @Override
    public synchronized Lsn newestSnapshot() {
      return loaded.values().stream()
          .map(LoadedChunk::snapshotLsn)
          .reduce(Lsn.NONE, (a, b) -> Lsn.max(a, b));
    }

    @Override
    public synchronized boolean isLoaded(Collection<TableName> tables) {
      return tables.stream()
          .allMatch(
              table ->
                  loaded.keySet().stream().anyMatch(chunk -> chunk.table().equals(table))
                      && planned.stream()
                          .filter(chunk -> chunk.table().equals(table))
                          .allMatch(loaded::containsKey));
    }

    @Override
    public synchronized boolean hasEvent(String kind, String object) {
      return events.contains(kind + " " + object);
    }

    @Override
    public synchronized void recordEvent(String kind, String object, String detail) {
      events.add(kind + " " + object);
    }

    synchronized List<String> events() {
      return List.copyOf(events);
    }

    synchronized void load(LoadedChunk chunk) {
      loaded.put(chunk.chunk(), chunk);
    }

    synchronized void advance(@Nullable Lsn to) {
      position = to;
    }

    synchronized void forget(Chunk chunk) {
      loaded.remove(chunk);
    }

    @Override
    public void close() {}
  }
}
