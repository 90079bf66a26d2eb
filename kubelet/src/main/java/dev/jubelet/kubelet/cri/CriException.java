package dev.jubelet.kubelet.cri;

import io.grpc.Status;
import java.io.IOException;

/// A CRI call that did not succeed. The message is the runtime's own words; `subject` names what
/// the call was about.
public final class CriException extends IOException {
  private final String verb;
  private final String subject;
  private final Status.Code code;

  public CriException(String verb, String subject, Status status, Throwable cause) {
    super(text(status), cause);
    this.verb = verb;
    this.subject = subject;
    this.code = status.getCode();
  }

  private static String text(Status status) {
    String description = status.getDescription();
    return "rpc error: code = " + name(status.getCode()) + " desc = "
        + (description == null ? "no description from the runtime" : description);
  }

  /// The code as Go prints it, since events carry this text and people search for it.
  private static String name(Status.Code code) {
    StringBuilder out = new StringBuilder();
    for (String word : code.name().split("_")) {
      out.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return out.toString();
  }

  /// The CRI verb, for example `RunPodSandbox`.
  public String verb() {
    return verb;
  }

  /// A pod, container, sandbox id or image.
  public String subject() {
    return subject;
  }

  public Status.Code code() {
    return code;
  }

  /// The runtime does not know the subject (any more).
  public boolean notFound() {
    return code == Status.Code.NOT_FOUND;
  }

  /// The runtime lacks this verb.
  public boolean unimplemented() {
    return code == Status.Code.UNIMPLEMENTED;
  }
}
