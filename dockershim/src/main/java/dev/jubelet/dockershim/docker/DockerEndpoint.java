package dev.jubelet.dockershim.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Where the engine's socket is, and what said so: `--docker-endpoint`, else DOCKER_HOST, else the
/// docker CLI's context (DOCKER_CONTEXT or `currentContext`), else Docker's default.
public record DockerEndpoint(Path socket, String origin) {
  private static final String DEFAULT = "unix:///var/run/docker.sock";
  private static final int MAX_FILE = 1 << 20;

  /// @param flag of `--docker-endpoint`; empty means the surroundings decide
  /// @param home whose `.docker` counts, unless DOCKER_CONFIG names another directory
  /// @throws RemoteException when what it names is no path of a unix socket; the message says
  /// what named it and what to do
  public static DockerEndpoint resolve(String flag, Map<String, String> environment, Path home)
      throws RemoteException {
    if (!flag.isBlank()) {
      return of(flag, "--docker-endpoint");
    }
    String host = environment.getOrDefault("DOCKER_HOST", "");
    if (!host.isBlank()) {
      return of(host, "DOCKER_HOST");
    }
    String directory = environment.getOrDefault("DOCKER_CONFIG", "");
    Path config = directory.isBlank() ? home.resolve(".docker") : Path.of(directory);
    String context = environment.getOrDefault("DOCKER_CONTEXT", "");
    if (context.isBlank()) {
      context = read(config.resolve("config.json"))
          .map(json -> Json.text(json, "currentContext"))
          .orElse("");
    }
    if (context.isBlank() || context.equals("default")) {
      return of(DEFAULT, "Docker's default");
    }
    return of(contextHost(config, context), "docker context " + context);
  }

  private static String contextHost(Path config, String context) throws RemoteException {
    Path meta = config.resolve("contexts/meta").resolve(sha256(context)).resolve("meta.json");
    String host = read(meta)
        .map(json -> Json.text(json.path("Endpoints").path("docker"), "Host"))
        .orElse("");
    if (host.isEmpty()) {
      throw new RemoteException("docker context " + context + " has no readable " + meta
          + ": choose one with docker context use, or give --docker-endpoint");
    }
    return host;
  }

  private static DockerEndpoint of(String text, String origin) throws RemoteException {
    String path = text.startsWith("unix://") ? text.substring("unix://".length()) : text;
    if (!path.startsWith("/")) {
      throw new RemoteException("Docker at " + text + " (from " + origin
          + ") is not on a unix socket of this machine, where pods' processes and files are: give "
          + "--docker-endpoint=" + DEFAULT + " or change " + origin);
    }
    try {
      return new DockerEndpoint(Path.of(path), origin);
    } catch (InvalidPathException e) {
      throw new RemoteException(origin + " names no path: " + e.getReason());
    }
  }

  /// A file that is missing, huge or no JSON says nothing.
  private static Optional<JsonNode> read(Path file) {
    try (var in = Files.newInputStream(file)) {
      return Optional.of(Json.MAPPER.readTree(in.readNBytes(MAX_FILE)));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The configured engine cannot be used from here.
  public static final class RemoteException extends Exception {
    private static final long serialVersionUID = 1;

    RemoteException(String message) {
      super(message);
    }
  }
}
