package io.github.pg2adb.testing;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;

/** What one class logs from INFO on, from construction until it is closed. */
public final class LogLines implements AutoCloseable {

  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final LoggerContext context = (LoggerContext) LogManager.getContext(false);
  private final String logger;

  private LogLines(String logger) {
    this.logger = logger;
  }

  /**
   * Starts to collect.
   *
   * @param logger the logging class's name
   */
  public static LogLines of(String logger) {
    LogLines lines = new LogLines(logger);
    Collector collector = new Collector(logger, lines.lines);
    collector.start();
    LoggerConfig config = new LoggerConfig(logger, Level.INFO, true);
    config.addAppender(collector, Level.INFO, null);
    lines.context.getConfiguration().addLogger(logger, config);
    lines.context.updateLoggers();
    return lines;
  }

  /** The messages so far, in order. */
  public List<String> soFar() {
    return List.copyOf(lines);
  }

  @Override
  public void close() {
    context.getConfiguration().removeLogger(logger);
    context.updateLoggers();
  }

  private static final class Collector extends AbstractAppender {

    private final Queue<String> lines;

    Collector(String name, Queue<String> lines) {
      super(name, null, null, true, Property.EMPTY_ARRAY);
      this.lines = lines;
    }

    @Override
    public void append(LogEvent event) {
      lines.add(event.getMessage().getFormattedMessage());
    }
  }
}
