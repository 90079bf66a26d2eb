package dev.jubelet.dockershim;

import io.grpc.Status;
import java.io.Serial;

/// A verb's answer that is a gRPC status of its own, with a text that names the subject. Every
/// other
/// exception becomes a status in [dev.jubelet.dockershim.grpc].
public final class CriException extends RuntimeException {
  @Serial
  private static final long serialVersionUID = 1;

  private final Status.Code code;

  public CriException(Status.Code code, String message) {
    super(message);
    this.code = code;
  }

  public CriException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public static CriException invalid(String message) {
    return new CriException(Status.Code.INVALID_ARGUMENT, message);
  }

  public static CriException notFound(String message) {
    return new CriException(Status.Code.NOT_FOUND, message);
  }

  public Status.Code code() {
    return code;
  }
}
