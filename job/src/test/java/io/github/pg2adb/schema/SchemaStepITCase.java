package io.github.pg2adb.schema;

import io.github.pg2adb.model.SourceSchema;
import io.github.pg2adb.model.TableSelection;
import io.github.pg2adb.model.Target;
import io.github.pg2adb.postgres.TargetProbe;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaStepITCase {

  @Test
  void dump() throws Exception {
    try (TestDatabase source = Servers.source().createDatabase();
        TestDatabase target = Servers.target().createDatabase();
        Connection from = source.connection();
        Connection to = target.connection()) {
      Zoo.createBasics(source);
      Zoo.createModern(source);
      Zoo.createExtensions(source);
      SourceSchema schema =
          SourceCatalog.read(from, TableSelection.parse(List.of("*.*"), List.of()));
      schema.tables().stream()
          .filter(t -> !t.name().name().equals("wide"))
          .forEach(System.out::println);
      schema.types().forEach(System.out::println);
      System.out.println(schema.extensions());
      System.out.println(schema.skipped());
      Target product = TargetProbe.ask(to);
      SchemaStep.apply(to, schema, product).entries().forEach(System.out::println);
      System.out.println("second");
      SchemaStep.apply(to, schema, product).entries().forEach(System.out::println);
    }
  }
}
