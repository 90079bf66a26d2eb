package dev.jubelet.kubelet;

import dev.jubelet.kubelet.cri.PodStatus;
import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.cri.PodStatus.State;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.worker.PodStage;
import dev.jubelet.kubelet.worker.PodView;
import dev.jubelet.linux.cgroup.CgroupReader;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/// Upstream's gauges of what is on the node, counted when somebody scrapes.
///
/// @param runtime every pod of which the runtime holds something
/// @param desired what the sources want, by now
/// @param workers the pods that have a worker
record NodeGauges(
    Supplier<Collection<PodStatus>> runtime,
    Supplier<List<FrozenPod>> desired,
    Supplier<List<PodView>> workers) {
  private static final List<String> STATIC = List.of("", "true");

  void register(PrometheusRegistry registry, String nodeName) {
    Gauge.builder()
        .name("kubelet_node_name")
        .help("The node's name. The count is always 1.")
        .labelNames("node")
        .register(registry)
        .labelValues(nodeName)
        .set(1);
    Gauge.builder()
        .name("kubelet_cgroup_version")
        .help("cgroup version on the hosts.")
        .register(registry)
        .set(CgroupReader.detect().version());
    registerRunning(registry);
    registerPods(registry);
  }

  private void registerRunning(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("kubelet_running_pods")
        .help("Number of pods that have a running pod sandbox")
        .callback(to -> to.call((double) runtime.get().stream()
            .filter(pod -> pod.sandboxes().stream().anyMatch(Sandbox::ready))
            .count()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("kubelet_running_containers")
        .help("Number of containers currently running")
        .labelNames("container_state")
        .callback(to -> {
          for (State state : State.values()) {
            to.call((double) containers(state), state.name().toLowerCase(Locale.ROOT));
          }
        })
        .register(registry);
  }

  private long containers(State state) {
    return runtime.get().stream()
        .flatMap(pod -> pod.containers().stream())
        .filter(container -> container.state() == state)
        .count();
  }

  private void registerPods(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("kubelet_desired_pods")
        .help("The number of pods the kubelet is being instructed to run. static is true if the"
            + " pod is not from the apiserver.")
        .labelNames("static")
        .callback(to -> STATIC.forEach(is -> to.call(
            (double)
                desired.get().stream().filter(pod -> isStatic(pod).equals(is)).count(),
            is)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("kubelet_active_pods")
        .help("The number of pods the kubelet considers active and which are being considered when"
            + " admitting new pods. static is true if the pod is not from the apiserver.")
        .labelNames("static")
        .callback(to -> STATIC.forEach(is -> to.call((double) active(is), is)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("kubelet_working_pods")
        .help("Number of pods the kubelet is actually running, broken down by lifecycle phase,"
            + " whether the pod is desired, orphaned, or runtime only (also orphaned), and whether"
            + " the pod is static. An orphaned pod has been removed from local configuration or"
            + " force deleted in the API and consumes resources that are not otherwise visible.")
        .labelNames("lifecycle", "config", "static")
        .callback(this::working)
        .register(registry);
    GaugeWithCallback.builder()
        .name("kubelet_orphan_pod_cleaned_volumes_errors")
        .help("The number of orphaned Pods whose volumes failed to be cleaned in the last periodic"
            + " sweep.")
        .callback(to -> to.call((double) workers.get().stream()
            .filter(view -> view.pod().isEmpty() && view.waiting().lastError().isPresent())
            .count()))
        .register(registry);
  }

  private long active(String isStatic) {
    return workers.get().stream()
        .filter(view -> view.pod().map(NodeGauges::isStatic).orElse("unknown").equals(isStatic))
        .filter(PodView::active)
        .filter(view -> !view.phase().equals("Succeeded") && !view.phase().equals("Failed"))
        .count();
  }

  private void working(GaugeWithCallback.Callback to) {
    List<PodView> views = workers.get();
    for (PodStage stage : List.of(PodStage.SYNC, PodStage.TERMINATING, PodStage.TERMINATED)) {
      for (String config : List.of("desired", "orphan")) {
        STATIC.forEach(is -> working(to, views, stage, config, is));
      }
      working(to, views, stage, "runtime_only", "unknown");
    }
  }

  private static void working(
      GaugeWithCallback.Callback to,
      List<PodView> views,
      PodStage stage,
      String config,
      String isStatic) {
    long count = views.stream()
        .filter(view -> view.stage() == stage && config(view).equals(config))
        .filter(view -> view.pod().map(NodeGauges::isStatic).orElse("unknown").equals(isStatic))
        .count();
    to.call((double) count, stage.name().toLowerCase(Locale.ROOT), config, isStatic);
  }

  private static String config(PodView view) {
    if (view.pod().isEmpty()) {
      return "runtime_only";
    }
    return view.removed() ? "orphan" : "desired";
  }

  private static String isStatic(FrozenPod pod) {
    return pod.isStatic() ? "true" : "";
  }
}
