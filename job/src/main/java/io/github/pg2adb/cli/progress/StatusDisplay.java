package io.github.pg2adb.cli.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.pg2adb.config.TaskConfig;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows a task's status once, or again and again. For one thread, but for {@link #close}. */
public final class StatusDisplay implements AutoCloseable {

  /** Long enough for rates to mean something. */
  private static final Duration BETWEEN_TWO_READINGS = Duration.ofSeconds(1);

  private static final Duration WATCH_INTERVAL = Duration.ofSeconds(2);

  private final TaskConfig config;
  private final @Nullable String flinkAddress;
  private final boolean isJson;
  private final PrintWriter out;
  private final Speed rows = new Speed();
  private final Speed bytes = new Speed();
  private final Speed changes = new Speed();
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param flinkAddress {@code host:port} of the cluster, null for the one of this machine
   * @param isJson whether to write a JSON object per line instead of text
   */
  public StatusDisplay(
      TaskConfig config, @Nullable String flinkAddress, boolean isJson, PrintWriter out) {
    this.config = config;
    this.flinkAddress = flinkAddress;
    this.isJson = isJson;
    this.out = out;
  }

  /**
   * Shows it once, after two looks a second apart, which rates need.
   *
   * @return whether the task runs, or has done all it has to do
   */
  public boolean show() throws InterruptedException, JsonProcessingException {
    try (StatusReader reader = new StatusReader(config, flinkAddress)) {
      look(reader);
      closed.await(BETWEEN_TWO_READINGS.toMillis(), TimeUnit.MILLISECONDS);
      TaskStatus status = reader.read();
      ProgressDisplay.Speeds speeds = speeds(status);
      if (isJson) {
        out.println(StatusOutput.json(status, speeds));
      } else {
        StatusOutput.lines(status, speeds).forEach(out::println);
      }
      out.flush();
      return status.isRunning() || status.stage() == TaskStatus.Stage.LOADED;
    }
  }

  /**
   * Shows it until {@link #close}: on a terminal in place, elsewhere below each other.
   *
   * @param screens what is there now; its size may change
   */
  public void watch(Supplier<Screen> screens) throws InterruptedException, JsonProcessingException {
    Screen screen = screens.get();
    Frame frame = new Frame(out, screen);
    try (StatusReader reader = new StatusReader(config, flinkAddress)) {
      do {
        TaskStatus status = reader.read();
        ProgressDisplay.Speeds speeds = speeds(status);
        if (isJson) {
          out.println(StatusOutput.json(status, speeds));
        } else {
          List<String> lines = StatusOutput.lines(status, speeds);
          if (screen.isTerminal()) {
            frame.resize(screens.get());
            frame.draw(lines, 0);
          } else {
            lines.forEach(out::println);
          }
        }
        out.flush();
      } while (!closed.await(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
    }
  }

  private void look(StatusReader reader) {
    speeds(reader.read());
  }

  private ProgressDisplay.Speeds speeds(TaskStatus status) {
    long now = System.nanoTime();
    return new ProgressDisplay.Speeds(
        rows.perSecond(now, status.rows()),
        bytes.perSecond(now, status.bytes()),
        changes.perSecond(now, status.changes()));
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
