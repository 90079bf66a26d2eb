package dev.jubelet.dockershim.docker;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A version of the Engine API. We speak 1.41 (Docker 20.10) to 1.56 and use the newest that both
/// sides know; no feature needs a newer one than it has to.
record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
  static final ApiVersion OLDEST = new ApiVersion(1, 41);
  static final ApiVersion NEWEST = new ApiVersion(1, 56);

  /// Binds may stay writable below a read-only mount, or must not: BindOptions has both since then.
  static final ApiVersion READ_ONLY_DEPTH = new ApiVersion(1, 44);

  /// Since then the answer's media type tells whether a log is multiplexed.
  static final ApiVersion STREAM_TYPES = new ApiVersion(1, 42);

  private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})");

  /// What to use with an engine that offers `offered` at most.
  static ApiVersion negotiate(String operation, String offered) throws DockerException {
    Matcher matcher = TEXT.matcher(offered);
    if (!matcher.matches()) {
      String text = "what answers there names no API version: it is no Docker Engine";
      throw new DockerException(operation, 502, text, false);
    }
    ApiVersion newest =
        new ApiVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    if (newest.compareTo(OLDEST) < 0) {
      String text = "the engine speaks API " + newest + " at most and " + OLDEST
          + " is needed: update it to Docker 20.10 or newer";
      throw new DockerException(operation, 400, text, false);
    }
    return newest.compareTo(NEWEST) < 0 ? newest : NEWEST;
  }

  boolean atLeast(ApiVersion other) {
    return compareTo(other) >= 0;
  }

  @Override
  public int compareTo(ApiVersion other) {
    int byMajor = Integer.compare(major, other.major);
    return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
