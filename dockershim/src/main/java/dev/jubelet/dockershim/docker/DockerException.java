package dev.jubelet.dockershim.docker;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A call of the Engine API failed. `status` is the HTTP status, 0 when no answer came (connection
/// refused, cut, deadline).
public final class DockerException extends Exception {
  private static final Pattern CONFLICT =
      Pattern.compile("is already in use by container \"?([0-9a-z]+)\"?");

  private final int status;
  private final boolean timeout;

  public DockerException(String call, int status, String message, boolean timeout) {
    super("docker " + call + ": " + message);
    this.status = status;
    this.timeout = timeout;
  }

  public DockerException(String call, String message, Throwable cause) {
    super("docker " + call + ": " + message, cause);
    this.status = 0;
    this.timeout = false;
  }

  public int status() {
    return status;
  }

  public boolean isTimeout() {
    return timeout;
  }

  public boolean isNotFound() {
    return status == 404;
  }

  public boolean isConflict() {
    return status == 409;
  }

  /// The engine could not be reached at all.
  public boolean isUnavailable() {
    return status == 0 && !timeout;
  }

  /// Of a 409 from create: who has the name. Docker gives it in its text only.
  public Optional<String> conflictingId() {
    Matcher matcher = CONFLICT.matcher(String.valueOf(getMessage()));
    return status == 409 && matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
