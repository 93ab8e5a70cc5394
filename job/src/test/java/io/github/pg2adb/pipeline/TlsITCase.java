package io.github.pg2adb.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pg2adb.model.Endpoint;
import io.github.pg2adb.model.MigrationException;
import io.github.pg2adb.postgres.ReplicationSession;
import io.github.pg2adb.postgres.Sessions;
import io.github.pg2adb.testing.Servers;
import io.github.pg2adb.testing.TestDatabase;
import io.github.pg2adb.testing.TestMigration;
import io.github.pg2adb.testing.TestServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that lets a role in only with TLS and a client certificate, for queries and for
 * replication alike.
 */
class TlsITCase {

  private static final String USER = "tls_user";
  private static final char[] PASSWORD = "secret".toCharArray();

  @TempDir Path folder;

  @Test
  void queriesAndReplicationUseTheCertificate() throws Exception {
    makeCertificate();
    try (TestServer server = start();
        TestDatabase source = server.createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute(
          "CREATE ROLE " + USER + " SUPERUSER LOGIN REPLICATION",
          "CREATE TABLE t (id int PRIMARY KEY, v text)",
          "INSERT INTO t VALUES (1, 'a')");

      try (TestMigration migration = withTls(TestMigration.between(source, target)).start()) {
        migration.awaitConsistent();
        source.execute("INSERT INTO t VALUES (2, 'b')");
        migration.awaitCaughtUp().assertEqual();
        assertThat(
                source.query(
                    "SELECT DISTINCT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = '"
                        + USER
                        + "'"))
            .containsExactly(java.util.List.of("t"));
      }
    }
  }

  @Test
  void withoutTheCertificateTheServerRefusesAndThePrecheckSaysSo() throws Exception {
    makeCertificate();
    try (TestServer server = start();
        TestDatabase source = server.createDatabase();
        TestDatabase target = Servers.target().createDatabase()) {
      source.execute("CREATE ROLE " + USER + " SUPERUSER LOGIN REPLICATION");

      assertThatThrownBy(
              () ->
                  TestMigration.between(source, target)
                      .source("username", USER)
                      .source("tls.mode", "disable")
                      .start())
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining("SOURCE_CONNECTION: ")
          .hasMessageContaining("Cannot connect to " + USER + "@127.0.0.1:")
          .hasMessageContaining("(SQLSTATE 28000)");
    }
  }

  /** What is heard of the server must be what TLS reads, or every stream would seem silent. */
  @Test
  void hearsTheServerBehindTls() throws Exception {
    makeCertificate();
    try (TestServer server = start();
        TestDatabase database = server.createDatabase()) {
      database.execute("CREATE ROLE " + USER + " SUPERUSER LOGIN REPLICATION");
      Endpoint plain = database.endpoint();
      Endpoint endpoint =
          new Endpoint(
              plain.host(),
              plain.port(),
              plain.database(),
              USER,
              null,
              new Endpoint.Tls(
                  Endpoint.Tls.Mode.VERIFY_FULL,
                  file("certificate.pem").toString(),
                  file("certificate.pem").toString(),
                  file("key.pk8").toString(),
                  null));
      try (ReplicationSession session = Sessions.openStream(endpoint, "pg2adb test")) {
        Awaitility.await("silence")
            .atMost(Duration.ofSeconds(10))
            .until(() -> session.silence().toMillis() > 200);
        long start = System.nanoTime();
        try (Statement statement = session.connection().createStatement()) {
          statement.execute("SELECT 1");
        }
        assertThat(session.silence().toNanos()).isLessThan(System.nanoTime() - start);
      }
    }
  }

  private TestMigration withTls(TestMigration task) {
    return task.source("username", USER)
        .source("tls.mode", "verify-full")
        .source("tls.ca", file("certificate.pem").toString())
        .source("tls.certificate", file("certificate.pem").toString())
        .source("tls.key", file("key.pk8").toString());
  }

  private TestServer start() throws IOException {
    Path rules =
        Files.writeString(
            file("pg_hba.conf"),
            "hostssl all "
                + USER
                + " 127.0.0.1/32 cert\nhost all "
                + USER
                + " 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n");
    return Servers.embedded(
        "16",
        Map.of(
            "ssl", "on",
            "ssl_cert_file", file("certificate.pem").toString(),
            "ssl_key_file", file("key.pem").toString(),
            "ssl_ca_file", file("certificate.pem").toString(),
            "hba_file", rules.toString()));
  }

  /** One self-signed certificate serves as CA, server and client. */
  private void makeCertificate()
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = file("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "k",
                "-keyalg",
                "RSA",
                "-dname",
                "CN=" + USER,
                "-ext",
                "SAN=IP:127.0.0.1",
                "-ext",
                "BC=ca:true",
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD),
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor(1, TimeUnit.MINUTES)).isTrue();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    Key key = keys.getKey("k", PASSWORD);
    // both ends refuse a key that others can read
    Files.write(ownersAlone("key.pk8"), key.getEncoded());
    Files.writeString(ownersAlone("key.pem"), pem("PRIVATE KEY", key.getEncoded()));
    Files.writeString(
        file("certificate.pem"), pem("CERTIFICATE", keys.getCertificate("k").getEncoded()));
  }

  private static String pem(String kind, byte[] der) {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n";
  }

  private Path ownersAlone(String name) throws IOException {
    return Files.createFile(
        file(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }

  private Path file(String name) {
    return folder.resolve(name);
  }
}
