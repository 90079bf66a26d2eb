package dev.jubelet.kubelet.image;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An image as a manifest names it (grammar: distribution/reference).
///
/// @param registry host with port, `docker.io` when none is named
/// @param repository without the registry; `library/…` for Docker's own short names
/// @param pullable the text to pull: as written, with `:latest` where neither tag nor digest is
public record ImageName(String registry, String repository, String pullable) {
  private static final String DOCKER_HUB = "docker.io";
  private static final int MAX_NAME = 255;
  private static final Pattern WHOLE =
      Pattern.compile("(?<name>[^@]+?)(?<tag>:[\\w][\\w.-]{0,127})?"
          + "(?<digest>@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?");
  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final Pattern DOMAIN =
      Pattern.compile("(?:%s(?:\\.%s)*|\\[[a-fA-F0-9:]+])(?::[0-9]+)?".formatted(LABEL, LABEL));
  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern PATH = Pattern.compile("%s(?:/%s)*".formatted(PART, PART));
  private static final Pattern BARE_ID = Pattern.compile("[a-f0-9]{64}");

  /// @throws IllegalArgumentException with the reason, when it is not an image name
  public static ImageName parse(String text) {
    Matcher whole = WHOLE.matcher(text);
    if (BARE_ID.matcher(text).matches()) {
      throw invalid(text, "invalid repository name, cannot specify 64-byte hexadecimal strings");
    }
    if (!whole.matches()) {
      throw invalid(text, "invalid reference format");
    }
    String name = whole.group("name");
    int slash = name.indexOf('/');
    boolean named = slash > 0 && isRegistry(name.substring(0, slash));
    String registry = named ? normalized(name.substring(0, slash)) : DOCKER_HUB;
    String path = named ? name.substring(slash + 1) : name;
    check(text, registry, path);
    boolean official = registry.equals(DOCKER_HUB) && path.indexOf('/') < 0;
    boolean complete = whole.group("tag") != null || whole.group("digest") != null;
    return new ImageName(
        registry, official ? "library/" + path : path, complete ? text : text + ":latest");
  }

  private static boolean isRegistry(String first) {
    return first.indexOf('.') >= 0
        || first.indexOf(':') >= 0
        || first.equals("localhost")
        || first.chars().anyMatch(Character::isUpperCase);
  }

  /// Docker's registry has several names.
  static String normalized(String registry) {
    return switch (registry) {
      case "index.docker.io", "registry-1.docker.io" -> DOCKER_HUB;
      default -> registry;
    };
  }

  private static void check(String text, String registry, String path) {
    if (!PATH.matcher(path).matches()) {
      boolean upper = path.chars().anyMatch(Character::isUpperCase);
      String reason = upper ? ": repository name (%s) must be lowercase".formatted(path) : "";
      throw invalid(text, "invalid reference format" + reason);
    }
    if (!DOMAIN.matcher(registry).matches()) {
      throw invalid(text, "invalid reference format");
    }
    if (registry.length() + 1 + path.length() > MAX_NAME) {
      throw invalid(text, "repository name must not be more than 255 characters");
    }
  }

  private static IllegalArgumentException invalid(String text, String reason) {
    return new IllegalArgumentException(
        "couldn't parse image name \"%s\": %s".formatted(text, reason));
  }
}
