package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.AuthConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Registry credentials from Docker's configuration files (`config.json`, `.dockercfg`) and the
/// credential helpers that they name. Secrets never reach a log.
public final class DockerCredentials {
  private static final Logger LOG = LoggerFactory.getLogger(DockerCredentials.class);
  private static final long MAX_BYTES = 1 << 20;

  private final List<Path> files;
  private final CredentialProgram program;

  /// @param files read anew for every pull; those that do not exist are skipped
  public DockerCredentials(List<Path> files) {
    this(files, System.getenv());
  }

  DockerCredentials(List<Path> files, Map<String, String> environment) {
    this.files = List.copyOf(files);
    this.program = new CredentialProgram(environment);
  }

  /// The usual places: the agent's root, `$DOCKER_CONFIG`, the home's `.docker`, `/.docker`; and
  /// the older `.dockercfg` in root directory and home.
  public static DockerCredentials standard(Path rootDir) {
    List<Path> files = new ArrayList<>();
    Path home = Path.of(System.getProperty("user.home", "/root"));
    files.add(rootDir.resolve("config.json"));
    Optional.ofNullable(System.getenv("DOCKER_CONFIG"))
        .filter(directory -> !directory.isEmpty())
        .ifPresent(directory -> files.add(Path.of(directory, "config.json")));
    files.add(home.resolve(".docker/config.json"));
    files.add(Path.of("/.docker/config.json"));
    files.add(rootDir.resolve(".dockercfg"));
    files.add(home.resolve(".dockercfg"));
    return new DockerCredentials(files);
  }

  /// What fits the image, best first; empty when nothing does.
  public List<AuthConfig> matching(ImageName image) throws InterruptedException {
    Set<AuthConfig> found = new LinkedHashSet<>();
    for (Path file : files) {
      Optional<JsonNode> config = read(file);
      if (config.isPresent()) {
        fromFile(config.get(), image, found);
      }
    }
    return List.copyOf(found);
  }

  private void fromFile(JsonNode config, ImageName image, Set<AuthConfig> found)
      throws InterruptedException {
    Optional<String> helperName = helperFor(config, image.registry());
    if (helperName.isPresent()) {
      program.get(helperName.get(), image.registry()).ifPresent(found::add);
    }
    // .dockercfg is what config.json has under auths
    JsonNode auths = config.has("auths") || !legacy(config) ? config.path("auths") : config;
    auths.properties().stream()
        .filter(e -> new RegistryPattern(e.getKey()).matches(image))
        .sorted((a, b) ->
            Integer.compare(b.getKey().length(), a.getKey().length())) // the narrowest first
        .map(e -> StoredAuth.of(e.getKey(), e.getValue()))
        .flatMap(Optional::stream)
        .forEach(found::add);
  }

  private static boolean legacy(JsonNode config) {
    return config.properties().stream().anyMatch(e -> e.getValue().has("auth"));
  }

  private static Optional<String> helperFor(JsonNode config, String registry) {
    for (var entry : config.path("credHelpers").properties()) {
      if (ImageName.normalized(RegistryPattern.host(entry.getKey())).equals(registry)) {
        return Optional.of(entry.getValue().asString(""));
      }
    }
    String store = config.path("credsStore").asString("");
    return store.isEmpty() ? Optional.empty() : Optional.of(store);
  }

  private static Optional<JsonNode> read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("it is larger than 1 MiB");
      }
      return Optional.of(JsonMapper.shared().readTree(Files.readAllBytes(file)));
    } catch (JacksonException e) {
      LOG.warn("Skipping registry credentials in {}: it is not valid JSON", file);
    } catch (IOException e) {
      LOG.warn("Skipping registry credentials in {}: {}", file, e.getMessage());
    }
    return Optional.empty();
  }
}
