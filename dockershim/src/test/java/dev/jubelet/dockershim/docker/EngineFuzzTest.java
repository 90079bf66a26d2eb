package dev.jubelet.dockershim.docker;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.jubelet.testkit.Fuzz;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Whatever answers on the engine's socket, a call ends, with a result or a [DockerException], and
/// takes little memory.
class EngineFuzzTest {
  private static final int MOST = 64 << 20;
  private static final int MANY = 300_000;
  private static final String[] WORDS = {
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 UPGRADED\r\n\r\n",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "Connection: close\r\n",
    "Api-Version: 1.52\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "ffffffff\r\n",
    "40000000\r\n",
    "7fffffffffffffff\r\n",
    "-1\r\n",
    "\"State\":{}",
    "\"timeNano\":",
    "\"time\":",
    "\"Created\":",
    "\"errorDetail\":{}",
    "\u0001\u0000\u0000\u0000\u007f\u007f\u007f\u007f"
  };

  @TempDir
  Path directory;

  private interface Call {
    void run(HttpDockerApi docker) throws Exception;
  }

  private static final List<Call> CALLS = List.of(
      HttpDockerApi::version,
      HttpDockerApi::info,
      docker -> docker.inspectContainer("a"),
      docker -> docker.listContainers(List.of()),
      docker -> docker.inspectImage("a"),
      docker -> docker.events(Instant.EPOCH, () -> {}, event -> {}),
      docker -> docker.pullImage("a", Optional.empty(), Duration.ofSeconds(20), progress -> {}),
      docker -> docker.logs("a", Instant.EPOCH, true, (stderr, record) -> {}),
      docker -> {
        try (var streams = docker.startExec("a", false)) {
          streams.copyOutput(nowhere(), nowhere());
        }
      });

  private static OutputStream nowhere() {
    return OutputStream.nullOutputStream();
  }

  private static HttpDockerApi api(RawEngine engine) {
    return new HttpDockerApi(
        engine.socket(), new DockerApiOptions(Duration.ofSeconds(20), 64 << 10, 4));
  }

  @Test
  void anyReplyEndsTheCall() throws Exception {
    try (RawEngine engine = new RawEngine(directory.resolve("docker.sock"));
        HttpDockerApi docker = api(engine)) {
      Fuzz.of("replies")
          .tokens(WORDS)
          .throwing(DockerException.class, IOException.class)
          .run(bytes -> {
            engine.answers(bytes);
            CALLS.get(Math.floorMod(Arrays.hashCode(bytes), CALLS.size())).run(docker);
          });
    }
  }

  @Test
  void anyAnswerIsReadOrRefused() throws Exception {
    Fuzz.of("answers")
        .tokens(WORDS)
        .throwing(DockerException.class)
        .inputs(1500)
        .run(bytes -> {
          JsonNode node = Json.parse("fuzz", bytes);
          ContainerJson.summaries(node);
          ImageJson.summaries(node);
          EngineJson.info(node);
          EngineJson.version(node, ApiVersion.OLDEST);
          assertThat(EngineJson.event(node).time().minusSeconds(5)).isBefore(Instant.MAX);
          Json.message(bytes);
          try {
            ImageJson.inspect(bytes);
          } catch (DockerException e) {
            assertThat(e.status()).isEqualTo(502);
          }
          ContainerJson.inspect(node);
        });
  }

  @Test
  void anyStreamOfObjectsIsReadOrRefusedHoweverItComes() throws Exception {
    Fuzz.of("stream").tokens(WORDS).throwing(IOException.class).run(bytes -> {
      List<String> whole = lines(new ByteArrayInputStream(bytes));
      assertThat(lines(new Dribble(bytes))).isEqualTo(whole);
    });
  }

  private static List<String> lines(InputStream in) throws IOException {
    List<String> all = new ArrayList<>();
    JsonLines lines = new JsonLines(in);
    for (JsonNode line = lines.next(); line != null; line = lines.next()) {
      all.add(EngineJson.event(line).toString());
    }
    return all;
  }

  @Test
  void anyFramesAreSplitOrRefusedHoweverTheyCome() throws Exception {
    Fuzz.of("frames").tokens(WORDS).throwing(IOException.class).run(bytes -> {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream dribbled = new ByteArrayOutputStream();
      Frames.copy(new ByteArrayInputStream(bytes), out, out);
      Frames.copy(new Dribble(bytes), dribbled, dribbled);
      assertThat(dribbled.toByteArray()).isEqualTo(out.toByteArray());
      assertThat(out.size()).isLessThanOrEqualTo(bytes.length);
    });
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      HTTP/1.1 200 OK^                                              | A: b^            | head is too long
      HTTP/1.1 200 OK^A:                                            | b                | head is too long
      H                                                             | T                | head is too long
      HTTP/1.1 100 Continue^^                                       | HTTP/1.1 102 P^^ | interim answers only
      HTTP/1.1 200 OK^^                                             | x                | longer than
      HTTP/1.1 200 OK^Content-Length: 999999999999999999^^          | x                | longer than
      HTTP/1.1 200 OK^Content-Length: 9999999999999999999^^         | x                | no number
      HTTP/1.1 200 OK^Content-Length: -1^^                          | x                | no number
      HTTP/1.1 200 OK^Transfer-Encoding: chunked^^                  | 1^x^             | longer than
      HTTP/1.1 200 OK^Transfer-Encoding: chunked^^40000000^         | x                | longer than
      HTTP/1.1 200 OK^Transfer-Encoding: chunked^^7fffffffffffffff^ | x                | longer than
      HTTP/1.1 200 OK^Transfer-Encoding: chunked^^8000000000000000^ | x                | malformed
      HTTP/1.1 200 OK^Transfer-Encoding: chunked^^1;                | x                | too long
      HTTP/1.1 200 OK^Transfer-Encoding: chunked^^0^                | A: b^            | too long
      HTTP/1.1 500 Error^^                                          | x                | longer than
      """)
  void anAnswerWithoutAnEndIsGivenUp(String begin, String more, String problem) throws Exception {
    try (RawEngine engine = new RawEngine(directory.resolve("docker.sock"));
        HttpDockerApi docker = api(engine)) {
      engine.answers(begin.replace("^", "\r\n"), more.replace("^", "\r\n"));
      failsWith(docker, HttpDockerApi::info, problem);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "[", "{\"a\":"})
  void aLineWithoutAnEndIsGivenUp(String more) throws Exception {
    try (RawEngine engine = new RawEngine(directory.resolve("docker.sock"));
        HttpDockerApi docker = api(engine)) {
      engine.answers("HTTP/1.1 200 OK\r\n\r\n", more);
      failsWith(docker, CALLS.get(5), "longer than");
      failsWith(docker, CALLS.get(6), "longer than");
    }
  }

  private static void failsWith(HttpDockerApi docker, Call call, String problem) {
    long before = Fuzz.allocated();
    Throwable failure = catchThrowable(() -> call.run(docker));
    assertThat(failure).isInstanceOf(DockerException.class).hasMessageContaining(problem);
    assertThat(((DockerException) failure).isTimeout()).isFalse();
    assertThat(Fuzz.allocated() - before).isLessThan(MOST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":", "[],", "{},", "0,", "\"a\",", "{\"a\":0},"})
  void whatSwellsIsRefusedBeforeItDoes(String more) {
    byte[] bytes = ("[" + more.repeat((16 << 20) / more.length())).getBytes(ISO_8859_1);
    long before = Fuzz.allocated();
    Throwable failure = catchThrowable(() -> Json.parse("fuzz", bytes));
    assertThat(failure).isInstanceOf(DockerException.class);
    assertThat(Fuzz.allocated() - before).isLessThan(MOST);
  }

  @Test
  @Timeout(120) // each line looks at all layers that are remembered
  void aPullOfEndlesslyManyLayersRemembersFew() throws Exception {
    StringBuilder reply = new StringBuilder("HTTP/1.1 200 OK\r\n\r\n");
    for (int i = 0; i < MANY; i++) {
      reply.append("{\"status\":\"Downloading\",\"id\":\"").append(i).append("\"}\n");
    }
    try (RawEngine engine = new RawEngine(directory.resolve("docker.sock"));
        HttpDockerApi docker = api(engine)) {
      engine.answers(reply.toString().getBytes(ISO_8859_1));
      int[] seen = {0};
      docker.pullImage("a", Optional.empty(), Duration.ofSeconds(20), progress -> seen[0]++);
      assertThat(seen[0]).isEqualTo(MANY);
    }
  }

  /// Gives what it has in small pieces.
  private static final class Dribble extends InputStream {
    private final ByteArrayInputStream bytes;
    private final Random random = new Random(1);

    Dribble(byte[] bytes) {
      this.bytes = new ByteArrayInputStream(bytes);
    }

    @Override
    public int read() {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      return bytes.read(target, offset, Math.min(length, 1 + random.nextInt(7)));
    }
  }
}
