package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.AuthConfig;
import dev.jubelet.linux.Launcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks `docker-credential-<name> get` for a registry's credentials (docker-credential-helpers).
final class CredentialProgram {
  private static final Logger LOG = LoggerFactory.getLogger(CredentialProgram.class);
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final int MAX_OUTPUT = 64 * 1024;
  private static final String DOCKER_HUB_SERVER = "https://index.docker.io/v1/";

  private final Map<String, String> environment;

  /// @param environment of this process; the helper gets PATH, HOME and DOCKER_CONFIG of it
  CredentialProgram(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /// Empty when it has none; a helper that fails is logged without its output.
  Optional<AuthConfig> get(String name, String registry) throws InterruptedException {
    if (!NAME.matcher(name).matches()) {
      LOG.warn("Not running credential helper \"{}\": not a helper's name", name);
      return Optional.empty();
    }
    String server = registry.equals("docker.io") ? DOCKER_HUB_SERVER : registry;
    String program = "docker-credential-" + name;
    Optional<Path> found = find(program);
    if (found.isEmpty()) {
      LOG.warn("Cannot ask {} for {}: it is not in PATH", program, server);
      return Optional.empty();
    }
    try {
      Launcher.Result result = Launcher.run(new Launcher.Command(
          List.of(found.get().toString(), "get"),
          handedOn(),
          server.getBytes(StandardCharsets.UTF_8),
          DEADLINE,
          MAX_OUTPUT));
      if (result.exitCode() == 0 && !result.truncated()) {
        return parse(server, JsonMapper.shared().readTree(result.stdout()));
      }
      String cause = result.timedOut() ? "no answer within 10 s" : "exit " + result.exitCode();
      LOG.debug("{} has no credentials for {}: {}", program, server, cause);
    } catch (JacksonException e) {
      LOG.warn("{} answered no JSON for {}", program, server);
    } catch (IOException e) {
      LOG.warn("Cannot ask {} for {}: {}", program, server, e.getMessage());
    }
    return Optional.empty();
  }

  private Optional<Path> find(String program) {
    return Arrays.stream(environment.getOrDefault("PATH", "").split(":"))
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private Map<String, String> handedOn() {
    Map<String, String> some = new HashMap<>(environment);
    some.keySet().retainAll(List.of("PATH", "HOME", "DOCKER_CONFIG"));
    return some;
  }

  private static Optional<AuthConfig> parse(String server, JsonNode answer) {
    String user = answer.path("Username").asString("");
    String secret = answer.path("Secret").asString("");
    if (secret.isEmpty()) {
      return Optional.empty();
    }
    AuthConfig.Builder auth = AuthConfig.newBuilder().setServerAddress(server);
    return Optional.of(
        user.equals("<token>")
            ? auth.setIdentityToken(secret).build()
            : auth.setUsername(user).setPassword(secret).build());
  }
}
