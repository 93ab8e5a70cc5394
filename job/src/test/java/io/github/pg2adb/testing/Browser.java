package io.github.pg2adb.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/**
 * A page in a headless Chromium, driven through its DevTools protocol.
 *
 * @see <a href="https://chromedevtools.github.io/devtools-protocol/">Chrome DevTools Protocol</a>
 */
public final class Browser implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final Pattern ADDRESS = Pattern.compile("ws://([^/\\s]+)/");

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final WebSocket socket;
  private final AtomicInteger number = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

  private Browser(Path executable, Path folder, int width, int height) throws IOException {
    Path log = folder.resolve("chromium.log");
    ProcessBuilder builder =
        new ProcessBuilder(
            executable.toString(),
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--remote-debugging-port=0",
            "--user-data-dir=" + folder.resolve("chromium"),
            "--window-size=" + width + "," + height,
            "about:blank");
    builder.environment().put("HOME", folder.toString());
    builder.redirectErrorStream(true);
    builder.redirectOutput(log.toFile());
    process = builder.start();
    try {
      socket = connect(page(log));
      command("Emulation.setDeviceMetricsOverride", metrics(width, height));
    } catch (RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Where Chromium is; empty if this machine has none. */
  public static Optional<Path> executable() {
    String path = System.getenv("PATH");
    return NAMES.stream()
        .flatMap(
            name ->
                Arrays.stream(path.split(File.pathSeparator, -1))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts one with an empty page.
   *
   * @param executable of {@link #executable}
   * @param folder for its profile and log
   * @param width of the page in pixels
   * @param height of the page in pixels
   */
  public static Browser start(Path executable, Path folder, int width, int height) {
    try {
      return new Browser(executable, folder, width, height);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The WebSocket of the first page, once the log tells the port. */
  private URI page(Path log) {
    return Awaitility.await("Chromium answers, see " + log)
        .atMost(LIMIT)
        .ignoreExceptions()
        .until(
            () -> {
              Matcher matcher = ADDRESS.matcher(Files.readString(log));
              if (!matcher.find()) {
                return null;
              }
              HttpResponse<String> list =
                  http.send(
                      HttpRequest.newBuilder(
                              URI.create("http://" + matcher.group(1) + "/json/list"))
                          .build(),
                      HttpResponse.BodyHandlers.ofString());
              for (JsonNode target : json.readTree(list.body())) {
                if (target.path("type").asText().equals("page")) {
                  return URI.create(target.path("webSocketDebuggerUrl").asText());
                }
              }
              return null;
            },
            found -> found != null);
  }

  private WebSocket connect(URI page) {
    StringBuilder message = new StringBuilder();
    return http.newWebSocketBuilder()
        .buildAsync(
            page,
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                message.append(part);
                if (last) {
                  received(message.toString());
                  message.setLength(0);
                }
                from.request(1);
                return null;
              }
            })
        .join();
  }

  private void received(String message) {
    try {
      JsonNode node = json.readTree(message);
      CompletableFuture<JsonNode> answer = answers.remove(node.path("id").asInt());
      if (answer != null) {
        answer.complete(node);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private ObjectNode metrics(int width, int height) {
    return json.createObjectNode()
        .put("width", width)
        .put("height", height)
        .put("deviceScaleFactor", 1)
        .put("mobile", false);
  }

  private JsonNode command(String method, ObjectNode parameters) {
    int id = number.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    ObjectNode message = json.createObjectNode().put("id", id).put("method", method);
    message.set("params", parameters);
    socket.sendText(message.toString(), true).join();
    JsonNode result = answer.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    if (result.has("error")) {
      throw new IllegalStateException(method + ": " + result.path("error"));
    }
    return result.path("result");
  }

  /** Goes to a page, without waiting for it. */
  public void open(String url) {
    command("Page.navigate", json.createObjectNode().put("url", url));
  }

  /** The text that the page shows now. */
  public String text() {
    return evaluate("document.body ? document.body.innerText : ''");
  }

  /** The value of a JavaScript expression in the page, as text. */
  public String evaluate(String expression) {
    return command(
            "Runtime.evaluate",
            json.createObjectNode().put("expression", expression).put("returnByValue", true))
        .path("result")
        .path("value")
        .asText();
  }

  /** A PNG of what is to be seen. */
  public byte[] screenshot() {
    return Base64.getDecoder()
        .decode(
            command("Page.captureScreenshot", json.createObjectNode().put("format", "png"))
                .path("data")
                .asText());
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }
}
