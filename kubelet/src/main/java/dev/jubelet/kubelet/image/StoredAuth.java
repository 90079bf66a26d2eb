package dev.jubelet.kubelet.image;

import dev.jubelet.cri.v1.AuthConfig;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// One entry of `auths`.
final class StoredAuth {
  private static final Logger LOG = LoggerFactory.getLogger(StoredAuth.class);

  private StoredAuth() {}

  /// Empty when it holds nothing to log in with.
  static Optional<AuthConfig> of(String server, JsonNode entry) {
    AuthConfig.Builder auth = AuthConfig.newBuilder()
        .setServerAddress(server)
        .setUsername(entry.path("username").asString(""))
        .setPassword(entry.path("password").asString(""))
        .setIdentityToken(entry.path("identitytoken").asString(""))
        .setRegistryToken(entry.path("registrytoken").asString(""));
    String encoded = entry.path("auth").asString("");
    if (!encoded.isEmpty() && !decode(server, encoded, auth)) {
      return Optional.empty();
    }
    boolean empty = auth.getUsername().isEmpty()
        && auth.getIdentityToken().isEmpty()
        && auth.getRegistryToken().isEmpty();
    return empty ? Optional.empty() : Optional.of(auth.build());
  }

  private static boolean decode(String server, String encoded, AuthConfig.Builder auth) {
    String pair;
    try {
      pair = new String(Base64.getMimeDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      LOG.warn("Skipping registry credentials for {}: auth is not base64", server);
      return false;
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      LOG.warn("Skipping registry credentials for {}: auth is not user:password", server);
      return false;
    }
    auth.setUsername(pair.substring(0, colon))
        .setPassword(pair.substring(colon + 1).replace("\0", ""));
    return true;
  }
}
