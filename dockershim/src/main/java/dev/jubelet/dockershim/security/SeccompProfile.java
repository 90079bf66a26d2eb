package dev.jubelet.dockershim.security;

import dev.jubelet.cri.v1.SecurityProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A seccomp profile as Docker's security options. A profile of the host travels in the option
/// itself.
public final class SeccompProfile {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> UNCONFINED = List.of("seccomp=unconfined");
  private static final String LOCALHOST = "localhost/";

  private final Reader reader;

  public SeccompProfile(Reader reader) {
    this.reader = reader;
  }

  Reader reader() {
    return reader;
  }

  List<String> options(SecurityProfile profile) throws IOException {
    return switch (profile.getProfileType()) {
      case RuntimeDefault -> List.of();
      case Unconfined -> UNCONFINED;
      case Localhost -> localhost(profile.getLocalhostRef());
      case UNRECOGNIZED ->
        throw new IllegalArgumentException("seccomp.profile_type is unknown to this runtime");
    };
  }

  /// The text form of older kubelets.
  List<String> options(String path) throws IOException {
    return switch (path) {
      case "", "unconfined" -> UNCONFINED;
      case "runtime/default", "docker/default" -> List.of();
      default -> {
        if (!path.startsWith(LOCALHOST)) {
          throw new IllegalArgumentException("seccomp_profile_path \"" + path + "\" is unknown");
        }
        yield localhost(path.substring(LOCALHOST.length()));
      }
    };
  }

  private List<String> localhost(String path) throws IOException {
    if (!path.startsWith("/") || Arrays.asList(path.split("/")).contains("..")) {
      throw new IllegalArgumentException(
          "seccomp profile Localhost needs an absolute path without '..', not \"" + path + "\"");
    }
    byte[] bytes;
    try {
      bytes = reader.read(Path.of(path));
    } catch (IOException e) {
      throw new IOException("read seccomp profile " + path + ": " + e, e);
    }
    try {
      JsonNode profile = JSON.readTree(bytes);
      if (!profile.isObject()) {
        throw new IllegalArgumentException("seccomp profile " + path + " is no JSON object");
      }
      return List.of("seccomp=" + JSON.writeValueAsString(profile));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "seccomp profile " + path + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /// Reads a file of the host, within a deadline.
  public interface Reader {
    byte[] read(Path path) throws IOException;
  }
}
