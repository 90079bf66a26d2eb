package dev.jubelet.dockershim.network;

import dev.jubelet.cni.PluginListener;
import dev.jubelet.trace.Traces;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import java.util.Objects;

/// Records each plugin run as a span of kind `cni`, open while the plugin runs, so that `why` can
/// name the plugin that a pod waits for.
record PluginSpans(Traces traces) implements PluginListener {

  @Override
  public Run started(String plugin, String command, String containerId) {
    Span span = traces
        .tracer()
        .spanBuilder("cni " + command + " " + plugin)
        .setAttribute(Traces.KIND, "cni")
        .setAttribute(Traces.DETAIL, plugin)
        .startSpan();
    return failure -> {
      failure.ifPresent(e -> span.setStatus(
          StatusCode.ERROR, Objects.requireNonNullElse(e.getMessage(), e.toString())));
      span.end();
    };
  }
}
