package dev.jubelet.cli.look;

import java.io.IOException;
import java.io.Serial;

/// Nobody reads our output any more.
public final class BrokenPipeException extends IOException {
  @Serial
  private static final long serialVersionUID = 1;

  BrokenPipeException(IOException cause) {
    super("nobody reads the output any more", cause);
  }
}
