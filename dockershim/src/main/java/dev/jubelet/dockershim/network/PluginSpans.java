package dev.jubelet.dockershim.network;

import dev.jubelet.cni.PluginListener;
import dev.jubelet.trace.Traces;

/// Records each plugin run as a span of kind `cni`, open while the plugin runs, so that `why` can
/// name the plugin that a pod waits for.
record PluginSpans(Traces traces) implements PluginListener {

  @Override
  public Run started(String plugin, String command, String containerId) {
    Traces.Open run = traces.begin("cni", "cni " + command + " " + plugin);
    run.span().setAttribute(Traces.DETAIL, plugin);
    return run::end;
  }
}
