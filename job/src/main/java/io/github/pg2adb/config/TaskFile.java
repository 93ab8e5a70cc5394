package io.github.pg2adb.config;

import io.github.pg2adb.config.Options.ConnectionOptions;
import io.github.pg2adb.model.ByTable;
import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.Endpoint.Tls;
import io.github.pg2adb.model.ErrorKind;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.RetryLimits;
import io.github.pg2adb.model.Route;
import io.github.pg2adb.model.SinkTables;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;

/**
 * Reads task files: YAML with the sections {@code pipeline}, {@code source}, {@code sink} and, if
 * need be, {@code route}, whose keys are flat ({@code tls.mode}, not {@code mode} below {@code
 * tls}). {@code ${NAME}} in a value is replaced from the environment. Errors are {@link
 * MigrationException} with every problem of the file and its line; no secret is ever in one.
 */
public final class TaskFile {

  private TaskFile() {}

  /** Reads a file, with this process's environment. */
  public static TaskConfig load(Path file) {
    return load(file, System.getenv());
  }

  /**
   * Reads a file.
   *
   * @param environment what {@code ${NAME}} stands for
   */
  public static TaskConfig load(Path file, Map<String, String> environment) {
    try {
      return parse(Files.readString(file), file.toString(), environment);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "there is no such file", e);
    } catch (CharacterCodingException e) {
      throw unreadable(file, "it is not UTF-8 text", e);
    } catch (IOException e) {
      throw unreadable(file, String.valueOf(e.getMessage()), e);
    }
  }

  private static MigrationException unreadable(Path file, String reason, IOException cause) {
    return new MigrationException(
        ErrorKind.OPERATOR, "Cannot read task file \"" + file + "\": " + reason + ".", "", cause);
  }

  /**
   * Reads a file's text.
   *
   * @param name what messages call the file
   * @param environment what {@code ${NAME}} stands for
   */
  public static TaskConfig parse(String text, String name, Map<String, String> environment) {
    Problems problems = new Problems(name);
    Values values = new Values();
    List<Route> routes = new ArrayList<>();
    Node root = compose(text, problems);
    if (root == null) {
      problems.add(null, "the file is empty");
    } else {
      SectionReader reader = new SectionReader(new Substitution(environment), problems);
      read(root, reader, problems, values, routes);
    }
    checkRetryLimits(values, problems);
    problems.throwIfAny();
    return new TaskConfig(pipeline(values), source(values), sink(values), routes);
  }

  /** The document as nodes with their places; no value is made of them. Null for an empty file. */
  private static @Nullable Node compose(String text, Problems problems) {
    try {
      return new Yaml(new SafeConstructor(new LoaderOptions())).compose(new StringReader(text));
    } catch (YAMLException e) {
      // the exception's own message quotes the line, which may hold a secret, so it is not kept as
      // cause either
      Mark place = e instanceof MarkedYAMLException marked ? marked.getProblemMark() : null;
      problems.add(
          place,
          "this is not valid YAML; check indentation, colons and brackets, and put values with special characters in quotes");
      throw problems.exception();
    }
  }

  private static void read(
      Node root, SectionReader reader, Problems problems, Values values, List<Route> routes) {
    Set<String> known = new TreeSet<>(Options.SECTIONS);
    known.add(Options.ROUTE);
    Map<String, Node> sections = reader.entries(root, "the task file", known);
    if (sections == null) {
      return;
    }
    for (String section : Options.SECTIONS) {
      Node node = sections.get(section);
      if (node == null) {
        problems.add(null, "section \"" + section + "\" is missing");
      } else {
        reader.read(node, section, values);
      }
    }
    Node route = sections.get(Options.ROUTE);
    if (route != null) {
      routes.addAll(new RouteReader(reader, problems).read(route));
    }
  }

  private static void checkRetryLimits(Values values, Problems problems) {
    Optional<Duration> connection = values.find(Options.RETRY_CONNECTION);
    Optional<Duration> other = values.find(Options.RETRY_OTHER);
    if (connection.isPresent()
        && other.isPresent()
        && other.get().compareTo(connection.get()) >= 0) {
      problems.add(
          null,
          Options.RETRY_OTHER.name() + " must be shorter than " + Options.RETRY_CONNECTION.name());
    }
  }

  private static PipelineSection pipeline(Values values) {
    return new PipelineSection(
        values.one(Options.NAME),
        EnumSet.copyOf(values.list(Options.PHASES)),
        values.one(Options.PARALLELISM),
        values.one(Options.CHECKPOINT_INTERVAL),
        values.find(Options.CHECKPOINT_DIRECTORY),
        new RetryLimits(values.one(Options.RETRY_CONNECTION), values.one(Options.RETRY_OTHER)),
        Set.copyOf(values.list(Options.IGNORE)));
  }

  private static SourceSection source(Values values) {
    return new SourceSection(
        endpoint(values, Options.SOURCE_CONNECTION),
        values.list(Options.TABLES),
        values.list(Options.EXCLUDED_TABLES),
        values.one(Options.WITHOUT_IDENTITY),
        values.one(Options.CHUNK_SIZE),
        values.one(Options.TRANSACTION_BUFFER),
        values.one(Options.DECODING_MEMORY));
  }

  private static SinkSection sink(Values values) {
    return new SinkSection(
        values.one(Options.SINK_TYPE),
        endpoint(values, Options.SINK_CONNECTION),
        new SinkTables(
            values.one(Options.ON_EXISTING_TABLE),
            new ByTable<>(values.list(Options.DISTRIBUTION)),
            new ByTable<>(values.list(Options.STORAGE)),
            new ByTable<>(values.list(Options.PARTITIONS)),
            values.one(Options.GRANTS)),
        values.one(Options.LEDGER_SCHEMA),
        values.one(Options.FLUSH_INTERVAL),
        values.one(Options.BATCH_ROWS),
        values.one(Options.BATCH_BYTES),
        values.one(Options.NAME_CASE));
  }

  private static Endpoint endpoint(Values values, ConnectionOptions options) {
    return new Endpoint(
        values.one(options.hostname()),
        values.one(options.port()),
        values.one(options.database()),
        values.one(options.username()),
        values.find(options.password()).orElse(null),
        new Tls(
            values.one(options.tlsMode()),
            values.find(options.tlsCa()).orElse(null),
            values.find(options.tlsCertificate()).orElse(null),
            values.find(options.tlsKey()).orElse(null),
            values.find(options.tlsKeyPassword()).orElse(null)));
  }
}
