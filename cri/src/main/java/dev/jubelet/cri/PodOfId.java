package dev.jubelet.cri;

import dev.jubelet.cri.v1.CreateContainerRequest;
import dev.jubelet.cri.v1.CreateContainerResponse;
import dev.jubelet.cri.v1.PodSandboxMetadata;
import dev.jubelet.cri.v1.RemoveContainerRequest;
import dev.jubelet.cri.v1.RemovePodSandboxRequest;
import dev.jubelet.cri.v1.RunPodSandboxResponse;
import dev.jubelet.cri.v1.StartContainerRequest;
import dev.jubelet.cri.v1.StopContainerRequest;
import dev.jubelet.cri.v1.StopPodSandboxRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Remembers from the answers of create calls whose pod an id is, for the calls that name the id
/// only. Bounded; forgetting costs no more than a span without its pod.
final class PodOfId {
  private static final int MAX_IDS = 4096;

  private final Map<String, PodSandboxMetadata> pods = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, PodSandboxMetadata> eldest) {
      return size() > MAX_IDS;
    }
  };

  synchronized Optional<PodSandboxMetadata> find(Object request) {
    return CallSpans.podOf(request).or(() -> Optional.ofNullable(pods.get(idOf(request))));
  }

  synchronized void learn(@Nullable PodSandboxMetadata pod, Object answer) {
    if (pod == null) {
      return;
    }
    switch (answer) {
      case RunPodSandboxResponse run -> pods.put(run.getPodSandboxId(), pod);
      case CreateContainerResponse create -> pods.put(create.getContainerId(), pod);
      default -> {}
    }
  }

  private static String idOf(Object request) {
    return switch (request) {
      case CreateContainerRequest create -> create.getPodSandboxId();
      case StartContainerRequest start -> start.getContainerId();
      case StopContainerRequest stop -> stop.getContainerId();
      case RemoveContainerRequest remove -> remove.getContainerId();
      case StopPodSandboxRequest stop -> stop.getPodSandboxId();
      case RemovePodSandboxRequest remove -> remove.getPodSandboxId();
      default -> "";
    };
  }
}
