package dev.jubelet.cli;

import java.io.Serial;

/// Ends a command with a sentence for a person and an exit code.
public final class Failure extends Exception {
  @Serial
  private static final long serialVersionUID = 1;

  /// Usage or manifest error.
  public static final int USAGE = 2;

  private final int exitCode;

  private Failure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public static Failure of(String message) {
    return new Failure(1, message);
  }

  public static Failure usage(String message) {
    return new Failure(USAGE, message);
  }

  public int exitCode() {
    return exitCode;
  }

  /// For programs and tests: the message is the command's whole answer.
  public String text() {
    String message = getMessage();
    return message == null ? "failed" : message;
  }
}
