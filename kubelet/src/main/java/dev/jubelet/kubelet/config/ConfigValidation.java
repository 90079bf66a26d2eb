package dev.jubelet.kubelet.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.node.JsonNodeFactory;

/// Rules between keys, and those that a type alone cannot say (upstream:
/// `pkg/kubelet/apis/config/validation/validation.go`).
final class ConfigValidation {
  private static final List<String> ENFORCEMENTS = List.of(
      "none",
      "pods",
      "system-reserved",
      "system-reserved-compressible",
      "kube-reserved",
      "kube-reserved-compressible");
  private static final List<String> NAMESPACED =
      List.of("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.", "net.");

  private final Effective values;
  private final List<String> problems;

  ConfigValidation(Effective values, List<String> problems) {
    this.values = values;
    this.problems = problems;
  }

  void check() {
    imageRules();
    nodeRules();
    enforcements();
    shutdown();
    sources();
    pods();
  }

  private void imageRules() {
    if (values.integer("imageGCLowThresholdPercent")
        >= values.integer("imageGCHighThresholdPercent")) {
      invalid("imageGCLowThresholdPercent (--image-gc-low-threshold) must be less than"
          + " imageGCHighThresholdPercent (--image-gc-high-threshold)");
    }
    if (values.optionalInteger("maxParallelImagePulls").orElse(1) > 1
        && values.bool("serializeImagePulls")) {
      invalid("maxParallelImagePulls cannot be larger than 1 unless serializeImagePulls"
          + " (--serialize-image-pulls) is set to false");
    }
    Duration maximum = values.duration("imageMaximumGCAge");
    if (!maximum.isZero() && maximum.compareTo(values.duration("imageMinimumGCAge")) <= 0) {
      invalid("imageMaximumGCAge must be greater than imageMinimumGCAge");
    }
    if (!values.strings("preloadedImagesVerificationAllowlist").isEmpty()
        && !values
            .string("imagePullCredentialsVerificationPolicy")
            .equals("NeverVerifyAllowlistedImages")) {
      invalid("preloadedImagesVerificationAllowlist needs imagePullCredentialsVerificationPolicy:"
          + " NeverVerifyAllowlistedImages");
    }
  }

  private void nodeRules() {
    between(
        "cpuCFSQuotaPeriod", "--cpu-cfs-quota-period", Duration.ofMillis(1), Duration.ofSeconds(1));
    between(
        "crashLoopBackOff.maxContainerRestartPeriod",
        "no flag",
        Duration.ofSeconds(1),
        Duration.ofSeconds(300));
    if (values.duration("containerLogMonitorInterval").compareTo(Duration.ofSeconds(3)) < 0) {
      invalid("containerLogMonitorInterval must be at least 3s");
    }
    if (!values.string("systemCgroups").isEmpty() && values.string("cgroupRoot").isEmpty()) {
      invalid("systemCgroups (--system-cgroups) needs cgroupRoot (--cgroup-root)");
    }
    if (values.bool("enableSystemLogQuery") && !values.bool("enableSystemLogHandler")) {
      invalid("enableSystemLogQuery needs enableSystemLogHandler");
    }
    if (!values.string("reservedSystemCPUs").isEmpty()
        && !(values.string("systemReservedCgroup") + values.string("kubeReservedCgroup"))
            .isEmpty()) {
      invalid("reservedSystemCPUs (--reserved-cpus) cannot be used with systemReservedCgroup or"
          + " kubeReservedCgroup");
    }
    if (values.integer("userNamespaces.idsPerPod") % 65536 != 0) {
      invalid("userNamespaces.idsPerPod must be a multiple of 65536");
    }
  }

  private void between(String key, String flag, Duration least, Duration most) {
    Duration value = values.duration(key);
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      invalid("%s (%s) must be between %s and %s, inclusive"
          .formatted(key, flag, text(least), text(most)));
    }
  }

  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  private void enforcements() {
    List<String> list = values.strings("enforceNodeAllocatable");
    Set<String> seen = new HashSet<>();
    for (String value : list) {
      if (!ENFORCEMENTS.contains(value)) {
        invalid("enforceNodeAllocatable (--enforce-node-allocatable): \"%s\" is none of %s"
            .formatted(value, String.join(", ", ENFORCEMENTS)));
      } else if (!seen.add(value)) {
        invalid("enforceNodeAllocatable: \"%s\" is given twice".formatted(value));
      }
    }
    if (seen.contains("none") && seen.size() > 1) {
      invalid("enforceNodeAllocatable may not contain more than \"none\" when it has that");
    }
    if (seen.contains("pods") && !values.bool("cgroupsPerQOS")) {
      invalid("cgroupsPerQOS (--cgroups-per-qos) must be true when \"pods\" is in"
          + " enforceNodeAllocatable: set --enforce-node-allocatable=none too");
    }
    reserved(seen, "system-reserved", "systemReservedCgroup");
    reserved(seen, "kube-reserved", "kubeReservedCgroup");
  }

  private void reserved(Set<String> enforced, String name, String cgroup) {
    boolean any = enforced.contains(name) || enforced.contains(name + "-compressible");
    if (any && values.string(cgroup).isEmpty()) {
      invalid("%s must be set when enforceNodeAllocatable has \"%s\"".formatted(cgroup, name));
    }
    if (enforced.contains(name) && enforced.contains(name + "-compressible")) {
      invalid("enforceNodeAllocatable may not have both \"%s\" and its -compressible form"
          .formatted(name));
    }
  }

  private void shutdown() {
    Duration all = values.duration("shutdownGracePeriod");
    Duration critical = values.duration("shutdownGracePeriodCriticalPods");
    if (critical.compareTo(all) > 0) {
      invalid("shutdownGracePeriodCriticalPods must be at most shutdownGracePeriod");
    }
    if (!all.isZero() && all.compareTo(Duration.ofSeconds(1)) < 0) {
      invalid("shutdownGracePeriod must be zero or at least 1s");
    }
  }

  private void sources() {
    String url = values.string("staticPodURL");
    if (!url.isEmpty() && !isHttp(url)) {
      invalid("staticPodURL (--manifest-url) must be an http or https address, is \"%s\""
          .formatted(url));
    }
    endpoint("containerRuntimeEndpoint", "--container-runtime-endpoint");
    endpoint("imageServiceEndpoint", "--image-service-endpoint");
    for (String dns : values.strings("clusterDNS")) {
      ValueType.of("ip")
          .problem(JsonNodeFactory.instance.stringNode(dns))
          .ifPresent(p -> invalid("clusterDNS (--cluster-dns) %s, is \"%s\"".formatted(p, dns)));
    }
  }

  private static boolean isHttp(String url) {
    try {
      URI uri = URI.create(url);
      return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void endpoint(String key, String flag) {
    String value = values.string(key);
    if (!value.isEmpty() && !value.startsWith("unix:///") && !value.startsWith("/")) {
      invalid(
          "%s (%s) must be a unix socket such as unix:///run/containerd/containerd.sock, is \"%s\""
              .formatted(key, flag, value));
    }
  }

  private void pods() {
    String logs = values.string("podLogsDir");
    if (!logs.startsWith("/") || !Path.of(logs).normalize().toString().equals(logs)) {
      invalid("podLogsDir must be an absolute, normalized path, is \"%s\"".formatted(logs));
    }
    for (String pattern : values.strings("allowedUnsafeSysctls")) {
      String name = pattern.replace('/', '.');
      if (NAMESPACED.stream().noneMatch(name::startsWith)) {
        invalid(
            "allowedUnsafeSysctls (--allowed-unsafe-sysctls): \"%s\" is not namespaced, so it would"
                    .formatted(pattern)
                + " change the host");
      }
    }
    if (values.duration("syncFrequency").isZero()
        || values.duration("fileCheckFrequency").isZero()
        || values.duration("httpCheckFrequency").isZero()) {
      invalid("syncFrequency, fileCheckFrequency and httpCheckFrequency must be above zero");
    }
  }

  private void invalid(String problem) {
    problems.add("invalid configuration: " + problem);
  }
}
