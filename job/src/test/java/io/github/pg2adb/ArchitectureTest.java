package io.github.pg2adb;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.LocationProvider;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.github.pg2adb.cli.Pg2Adb;
import java.io.Serializable;
import java.net.URL;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.NullMarked;

/** The rules that hold between packages. A package that does not exist yet breaks none of them. */
@AnalyzeClasses(locations = ArchitectureTest.MainClasses.class)
class ArchitectureTest {
  private static final String ROOT = "io.github.pg2adb";

  private static final String[] STEPS = {
    "precheck", "schema", "source", "transform", "ddl", "sink", "verify"
  };

  /** model <- postgres, config <- steps <- pipeline <- cli; of the steps, only ddl sees another. */
  @ArchTest
  static final ArchRule dependenciesFollowThePathOfTheData =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("model")
          .definedBy(in("model"))
          .layer("postgres")
          .definedBy(in("postgres"))
          .layer("config")
          .definedBy(in("config"))
          .layer("precheck")
          .definedBy(in("precheck"))
          .layer("schema")
          .definedBy(in("schema"))
          .layer("source")
          .definedBy(in("source"))
          .layer("transform")
          .definedBy(in("transform"))
          .layer("ddl")
          .definedBy(in("ddl"))
          .layer("sink")
          .definedBy(in("sink"))
          .layer("verify")
          .definedBy(in("verify"))
          .layer("pipeline")
          .definedBy(in("pipeline"))
          .layer("cli")
          .definedBy(in("cli"))
          .whereLayer("postgres")
          .mayOnlyBeAccessedByLayers(and(STEPS, "pipeline", "cli"))
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers(and(STEPS, "pipeline", "cli"))
          .whereLayer("precheck")
          .mayOnlyBeAccessedByLayers("pipeline", "cli")
          .whereLayer("schema")
          .mayOnlyBeAccessedByLayers("ddl", "pipeline", "cli")
          .whereLayer("source")
          .mayOnlyBeAccessedByLayers("pipeline", "cli")
          .whereLayer("transform")
          .mayOnlyBeAccessedByLayers("pipeline", "cli")
          .whereLayer("ddl")
          .mayOnlyBeAccessedByLayers("pipeline", "cli")
          .whereLayer("sink")
          .mayOnlyBeAccessedByLayers("pipeline", "cli")
          .whereLayer("verify")
          .mayOnlyBeAccessedByLayers("pipeline", "cli")
          .whereLayer("pipeline")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule topLevelPackagesHaveNoCycles =
      slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule modelKnowsNoInputOrOutputAndNoFlinkOrSql =
      noClasses()
          .that()
          .resideInAPackage(in("model"))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "java.net..",
              "java.nio.file..",
              "java.nio.channels..",
              "java.sql..",
              "javax.sql..",
              "org.postgresql..",
              "org.apache.flink..",
              "io.debezium..",
              "com.fasterxml..",
              "picocli..")
          .orShould()
          .dependOnClassesThat(doInputOrOutput())
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule sourceNeverSeesSink =
      noClasses()
          .that()
          .resideInAPackage(in("source"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(in("sink"))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule sinkNeverSeesSource =
      noClasses()
          .that()
          .resideInAPackage(in("sink"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage(in("source"))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule debeziumAndFlinkCdcStayInSource =
      only("source").mayDependOn("io.debezium..", "org.apache.flink.cdc..", "org.apache.kafka..");

  @ArchTest
  static final ArchRule flinkStaysInWhatTheJobIsMadeOf =
      only("source", "transform", "ddl", "sink", "pipeline", "cli")
          .mayDependOn("org.apache.flink..");

  @ArchTest
  static final ArchRule sqlStaysInWhatTalksToServers =
      only("postgres", "precheck", "schema", "source", "sink", "verify", "cli.demo", "cli.progress")
          .mayDependOn("java.sql..", "javax.sql..", "org.postgresql..");

  @ArchTest
  static final ArchRule onlyConfigReadsTheEnvironment =
      noClasses()
          .that()
          .resideOutsideOfPackage(in("config"))
          .should()
          .callMethod(System.class, "getenv")
          .orShould()
          .callMethod(System.class, "getenv", String.class)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyCommandsPrint =
      noClasses()
          .that()
          .resideOutsideOfPackage(in("cli"))
          .should(ACCESS_STANDARD_STREAMS)
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule namesSayWhatAClassIsFor =
      noClasses()
          .should()
          .resideInAnyPackage("..util..", "..utils..", "..common..", "..helper..", "..internal..")
          .orShould()
          .haveSimpleNameStartingWith("Abstract")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .allowEmptyShould(true);

  /** A copied third-party class would win or lose by the order of the class path. */
  @ArchTest
  static final ArchRule noClassLiesInTheirPackage =
      classes().should().resideInAPackage(ROOT + "..").allowEmptyShould(true);

  @ArchTest
  static final ArchRule everyPackageIsNullMarked =
      classes()
          .that()
          .resideOutsideOfPackage(ROOT)
          .should(lieInANullMarkedPackage())
          .allowEmptyShould(true);

  private static String in(String step) {
    return ROOT + "." + step + "..";
  }

  private static String[] and(String[] layers, String... more) {
    String[] all = Arrays.copyOf(layers, layers.length + more.length);
    System.arraycopy(more, 0, all, layers.length, more.length);
    return all;
  }

  private static Owners only(String... steps) {
    return new Owners(Arrays.stream(steps).map(ArchitectureTest::in).toArray(String[]::new));
  }

  /** The packages that have something to themselves. */
  private record Owners(String... packages) {
    ArchRule mayDependOn(String... theirs) {
      return noClasses()
          .that()
          .resideOutsideOfPackages(packages)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(theirs)
          .allowEmptyShould(true);
    }
  }

  private static DescribedPredicate<JavaClass> doInputOrOutput() {
    return DescribedPredicate.describe(
        "do input or output",
        type ->
            type.getPackageName().equals("java.io")
                && !type.isEquivalentTo(Serializable.class)
                && !type.isAssignableTo(Exception.class));
  }

  private static ArchCondition<JavaClass> lieInANullMarkedPackage() {
    return new ArchCondition<>("lie in a package that is @NullMarked") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        JavaPackage home = type.getPackage();
        boolean marked = home.isAnnotatedWith(NullMarked.class);
        events.add(
            new SimpleConditionEvent(
                type, marked, home.getName() + " has no package-info with @NullMarked"));
      }
    };
  }

  /** The compiled main classes, whatever their package. */
  static final class MainClasses implements LocationProvider {
    @Override
    public Set<Location> get(Class<?> testClass) {
      URL classes = Pg2Adb.class.getProtectionDomain().getCodeSource().getLocation();
      return Set.of(Location.of(classes));
    }
  }
}
