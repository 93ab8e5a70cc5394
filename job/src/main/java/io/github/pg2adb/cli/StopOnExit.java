package io.github.pg2adb.cli;

/** Closes something when the process is told to end (Ctrl-C), until it is closed itself. */
public final class StopOnExit implements AutoCloseable {
  private final Thread hook;

  private StopOnExit(Thread hook) {
    this.hook = hook;
  }

  /**
   * Closes {@code resource}, whose {@code close} must be safe to call twice, if the process ends
   * first.
   */
  public static StopOnExit of(AutoCloseable resource) {
    Thread hook =
        new Thread(
            () -> {
              try {
                resource.close();
              } catch (Exception e) {
                System.err.println("pg2adb: Cannot stop cleanly: " + e.getMessage());
              }
            },
            "stop-on-exit");
    Runtime.getRuntime().addShutdownHook(hook);
    return new StopOnExit(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending already, and the hook does its work
      hook.setName("stop-on-exit (running)");
    }
  }
}
