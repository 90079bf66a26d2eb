package dev.jubelet.kubelet.status;

import dev.jubelet.kubelet.cri.PodStatus.Sandbox;
import dev.jubelet.kubelet.resource.QosClass;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.HostIP;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The status of a pod as the API shows it (upstream `generateAPIPodStatus`). Pure; a final phase
/// stays, restart counts only grow, and a container that may not come back stays terminated.
public final class ApiPodStatus {
  private static final int MESSAGES_MAX = 12 * 1024;

  private ApiPodStatus() {}

  public static PodStatus of(StatusInput input) {
    List<ContainerStatus> init = ContainerStatuses.init(input);
    List<ContainerStatus> regular = ContainerStatuses.regular(input);
    PodStatus status = new PodStatus();
    setPhase(status, input, init, regular);
    setConditions(status, input, init, regular);
    setAddresses(status, input);
    status.setQosClass(QosClass.of(input.pod()).apiName());
    status.setStartTime(
        input.previous().map(PodStatus::getStartTime).orElse(States.time(input.startTime())));
    if (!refused(input)) {
      shorten(init, regular);
      status.setInitContainerStatuses(init);
      status.setContainerStatuses(regular.stream()
          .sorted(Comparator.comparing(ContainerStatus::getName))
          .toList());
    }
    return status;
  }

  // rejected before anything of it was made
  private static boolean refused(StatusInput input) {
    return input.overlay().isPresent()
        && input.observed().containers().isEmpty()
        && input.previous().map(p -> p.getContainerStatuses().isEmpty()).orElse(true);
  }

  private static void setPhase(
      PodStatus status,
      StatusInput input,
      List<ContainerStatus> init,
      List<ContainerStatus> regular) {
    Optional<PodStatus> last =
        input.previous().filter(p -> p.getPhase() != null && PodPhase.isFinal(p.getPhase()));
    if (last.isPresent()) {
      copyPhase(status, last.get());
      return;
    }
    if (input.overlay().isPresent()) {
      status.setPhase(PodPhase.FAILED);
      status.setReason(input.overlay().get().reason());
      status.setMessage(input.overlay().get().message());
      return;
    }
    String phase = PodPhase.of(input.pod(), init, regular, input.terminated());
    input.previous().filter(p -> phase.equals(p.getPhase())).ifPresent(p -> copyPhase(status, p));
    status.setPhase(phase);
  }

  private static void copyPhase(PodStatus status, PodStatus previous) {
    status.setPhase(previous.getPhase());
    status.setReason(previous.getReason());
    status.setMessage(previous.getMessage());
  }

  private static void setConditions(
      PodStatus status,
      StatusInput input,
      List<ContainerStatus> init,
      List<ContainerStatus> regular) {
    PodConditions conditions = new PodConditions(
        input.pod(), input.previous().map(PodStatus::getConditions).orElse(List.of()), input.now());
    boolean sandboxReady = input.observed().sandboxes().stream()
        .findFirst()
        .filter(Sandbox::ready)
        .filter(Predicate.not(Sandbox::lostIp))
        .isPresent();
    status.setConditions(
        refused(input)
            ? conditions.refused()
            : conditions.of(init, regular, status.getPhase(), sandboxReady));
  }

  // a pod that ends keeps showing the address that it had
  private static void setAddresses(PodStatus status, StatusInput input) {
    List<String> ips =
        input.pod().hostNetwork() ? hostNetworkIps(input) : input.observed().ips();
    if (ips.isEmpty() && (input.terminating() || PodPhase.isFinal(status.getPhase()))) {
      ips = input
          .previous()
          .map(p -> p.getPodIPs().stream().map(PodIP::getIp).toList())
          .orElse(List.of());
    }
    if (!ips.isEmpty()) {
      status.setPodIP(ips.getFirst());
      status.setPodIPs(ips.stream().map(PodIP::new).toList());
    }
    if (!input.hostIps().isEmpty()) {
      status.setHostIP(input.hostIps().getFirst());
      status.setHostIPs(input.hostIps().stream().map(HostIP::new).toList());
    }
  }

  private static List<String> hostNetworkIps(StatusInput input) {
    return input.observed().sandboxes().isEmpty() ? List.of() : input.hostIps();
  }

  private static void shorten(List<ContainerStatus> init, List<ContainerStatus> regular) {
    int share = MESSAGES_MAX / Math.max(1, init.size() + regular.size());
    for (List<ContainerStatus> statuses : List.of(init, regular)) {
      for (ContainerStatus status : statuses) {
        shorten(status.getState(), share);
        shorten(status.getLastState(), share);
      }
    }
  }

  private static void shorten(ContainerState state, int max) {
    if (state.getTerminated() == null || state.getTerminated().getMessage() == null) {
      return;
    }
    byte[] text = state.getTerminated().getMessage().getBytes(StandardCharsets.UTF_8);
    if (text.length > max) {
      state.getTerminated().setMessage(new String(text, 0, max, StandardCharsets.UTF_8));
    }
  }
}
