package dev.jubelet.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The real kubelet 1.37, alone with static pods.
final class StockKubelet {
  private StockKubelet() {}

  static Background start(Path dir, String node, String criSocket) throws IOException {
    Files.createDirectories(dir.resolve("manifests"));
    Path config = dir.resolve("config.yaml");
    Files.writeString(
        config, """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        failCgroupV1: false
        failSwapOn: false
        cgroupDriver: cgroupfs
        cgroupsPerQOS: false
        enforceNodeAllocatable: []
        staticPodPath: %s
        containerRuntimeEndpoint: unix://%s
        authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
        authorization: {mode: AlwaysAllow}
        address: 127.0.0.1
        port: 11250
        healthzPort: 0
        readOnlyPort: 0
        evictionHard: {memory.available: "1Mi"}
        podLogsDir: %s
        """.formatted(dir.resolve("manifests"), criSocket, dir.resolve("logs")));
    return Background.start(
        "kubelet",
        Map.of(),
        List.of(
            Engine.peer("jubelet.kubelet").toString(),
            "--config=" + config,
            "--root-dir=" + dir.resolve("root"),
            "--cert-dir=" + dir.resolve("pki"),
            "--hostname-override=" + node));
  }
}
