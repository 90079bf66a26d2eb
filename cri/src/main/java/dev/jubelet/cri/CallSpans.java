package dev.jubelet.cri;

import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.ExecSyncRequest;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.PullImageRequest;
import dev.jubelet.cri.v1.RunPodSandboxRequest;
import dev.jubelet.trace.Traces;
import io.grpc.Status;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Objects;
import java.util.Optional;

/// What a span says about its call.
final class CallSpans {
  private CallSpans() {}

  static void end(Span span, Status status) {
    if (!status.isOk()) {
      span.setStatus(
          StatusCode.ERROR,
          status.getCode() + ": " + Objects.requireNonNullElse(status.getDescription(), "no text"));
    }
    span.end();
  }

  /// What a person wants to see beside the call's name.
  static void describe(Span span, Object request) {
    String detail = switch (request) {
      case CreateContainerRequest create -> create.getConfig().getMetadata().getName();
      case PullImageRequest pull -> pull.getImage().getImage();
      case ExecSyncRequest exec -> String.join(" ", exec.getCmdList());
      default -> "";
    };
    if (!detail.isEmpty()) {
      span.setAttribute(Traces.DETAIL, detail);
    }
  }

  /// The pod that a request names in full.
  static Optional<PodSandboxMetadata> podOf(Object request) {
    PodSandboxMetadata pod = switch (request) {
      case RunPodSandboxRequest run -> run.getConfig().getMetadata();
      case CreateContainerRequest create -> create.getSandboxConfig().getMetadata();
      case PullImageRequest pull -> pull.getSandboxConfig().getMetadata();
      default -> PodSandboxMetadata.getDefaultInstance();
    };
    return Optional.of(pod).filter(p -> !p.getUid().isEmpty());
  }
}
