package dev.jubelet.kubelet.image;

import java.util.regex.Pattern;

/// A key of `auths`: a host with optional scheme, port and path; `*` stands for a part of one label
/// (upstream `credentialprovider.URLsMatch`).
record RegistryPattern(String key) {

  boolean matches(ImageName image) {
    String host = ImageName.normalized(host(key));
    return hostMatches(host, image.registry()) && pathMatches(path(key), image.repository());
  }

  static String host(String key) {
    String bare = key.replaceFirst("^https?://", "");
    int slash = bare.indexOf('/');
    return slash < 0 ? bare : bare.substring(0, slash);
  }

  private static String path(String key) {
    String bare = key.replaceFirst("^https?://", "");
    int slash = bare.indexOf('/');
    String path = slash < 0 ? "" : bare.substring(slash + 1);
    return path.replaceFirst("^v[12]/?$", "").replaceFirst("/$", "");
  }

  private static boolean hostMatches(String pattern, String registry) {
    String[] parts = pattern.split("[.]", -1);
    StringBuilder regex = new StringBuilder();
    for (String part : parts) {
      regex.append(regex.isEmpty() ? "" : "\\.");
      String[] literals = part.split("[*]", -1);
      for (int i = 0; i < literals.length; i++) {
        regex.append(i > 0 ? "[^.:]*" : "").append(Pattern.quote(literals[i]));
      }
    }
    return Pattern.matches(regex.toString(), registry);
  }

  private static boolean pathMatches(String prefix, String repository) {
    return prefix.isEmpty() || repository.equals(prefix) || repository.startsWith(prefix + "/");
  }
}
