package dev.jubelet.dockershim.docker;

import java.util.regex.Pattern;

/// An image's text, taken apart as the pull call wants it. Without tag and digest it is `latest`.
record ImageReference(String name, String tagOrDigest) {
  private static final Pattern VALID =
      Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._:@-]|/(?=[A-Za-z0-9])){0,1023}");

  /// Refuses what would not be one path segment's worth of an image; the engine judges the rest.
  static String checked(String operation, String reference) throws DockerException {
    if (!VALID.matcher(reference).matches() || reference.contains("..")) {
      String text = "invalid reference format: \"" + printable(reference) + "\"";
      throw new DockerException(operation, 400, text, false);
    }
    return reference;
  }

  static ImageReference parse(String operation, String reference) throws DockerException {
    checked(operation, reference);
    int at = reference.indexOf('@');
    String named = at < 0 ? reference : reference.substring(0, at);
    int colon = named.lastIndexOf(':');
    boolean tagged = colon > named.lastIndexOf('/');
    String name = tagged ? named.substring(0, colon) : named;
    if (at >= 0) {
      return new ImageReference(name, reference.substring(at + 1));
    }
    return new ImageReference(name, tagged ? named.substring(colon + 1) : "latest");
  }

  private static String printable(String text) {
    String shown = text.length() > 256 ? text.substring(0, 256) + "…" : text;
    return shown.replaceAll("[^\\x20-\\x7e…]", "?");
  }
}
