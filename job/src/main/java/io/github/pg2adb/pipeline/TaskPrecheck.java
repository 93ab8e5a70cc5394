package io.github.pg2adb.pipeline;

import io.github.pg2adb.config.TaskConfig;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.model.PrecheckCode;
import io.github.pg2adb.model.WithoutIdentity;
import io.github.pg2adb.precheck.Finding;
import io.github.pg2adb.precheck.Precheck;
import io.github.pg2adb.precheck.PrecheckOptions;
import io.github.pg2adb.precheck.PrecheckReport;
import io.github.pg2adb.schema.SourceCatalog;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The precheck of a task file. */
public final class TaskPrecheck {

  private static final Logger LOG = LoggerFactory.getLogger(TaskPrecheck.class);

  private TaskPrecheck() {}

  /** Looks at everything, and changes nothing. */
  public static PrecheckReport run(TaskConfig config) {
    return Precheck.run(options(config), reader(config));
  }

  /** Mends what can be mended without harm, and looks at everything afterwards. */
  public static PrecheckReport fix(TaskConfig config) {
    return Precheck.fix(options(config), reader(config));
  }

  /**
   * Logs what a person should know.
   *
   * @throws MigrationException with all errors, if there are any
   */
  static void require(TaskConfig config) {
    PrecheckReport report = run(config);
    for (Finding warning : report.of(Finding.Result.WARNING)) {
      LOG.warn("Precheck {}", PrecheckReport.sentence(warning));
    }
    report.throwIfErrors(config.pipeline().name());
  }

  private static Precheck.SchemaReader reader(TaskConfig config) {
    return source -> SourceCatalog.read(source, config.source().selection());
  }

  private static PrecheckOptions options(TaskConfig config) {
    return new PrecheckOptions(
        config.pipeline().name(),
        config.pipeline().phases(),
        config.pipeline().parallelism(),
        config.source().endpoint(),
        config.sink().endpoint(),
        config.sink().type(),
        config.sink().ledgerSchema(),
        config.sink().tables(),
        ignored(config),
        config.routes());
  }

  /**
   * Tables without an identity are an error of their own kind: not ignored by code, but accepted
   * for what they are.
   */
  private static Set<PrecheckCode> ignored(TaskConfig config) {
    Set<PrecheckCode> ignored = EnumSet.noneOf(PrecheckCode.class);
    ignored.addAll(config.pipeline().ignored());
    if (config.source().withoutIdentity() == WithoutIdentity.INSERTS_ONLY) {
      ignored.add(PrecheckCode.REPLICA_IDENTITY);
    }
    return ignored;
  }
}
