package dev.jubelet.kubelet.sync;

import dev.jubelet.kubelet.cri.PodId;
import dev.jubelet.kubelet.pod.FrozenPod;
import dev.jubelet.kubelet.sync.HostPorts.Port;
import dev.jubelet.kubelet.worker.PodView;
import java.util.List;
import java.util.Optional;

/// Whether a pod may start beside those that are here. Pure.
sealed interface Admission {
  record Admitted() implements Admission {}

  /// Not now: what stands in its way is going.
  record Later(String message) implements Admission {}

  /// @param reason upstream's word, becomes the status's reason
  record Rejected(String reason, String message) implements Admission {}

  /// @param active what runs or is about to; the pod itself may be among them
  /// @param capacity how many pods may be active
  static Admission of(FrozenPod pod, List<PodView> active, int capacity) {
    Admission room = room(active, capacity);
    if (!(room instanceof Admitted)) {
      return room;
    }
    for (Port port : HostPorts.of(pod)) {
      Optional<PodView> holder = active.stream()
          .filter(view -> isOther(pod, view) && holds(view, port))
          .findFirst();
      if (holder.isPresent()) {
        return refuse(port, holder.get());
      }
    }
    return new Admitted();
  }

  private static Admission room(List<PodView> views, int capacity) {
    List<PodView> active = views.stream().filter(Admission::counts).toList();
    if (active.size() < capacity) {
      return new Admitted();
    }
    long ending = active.stream().filter(PodView::ending).count();
    return active.size() - ending < capacity
        ? new Later("all " + capacity + " places for pods are taken, " + ending + " of them by"
            + " pods that are ending")
        : new Rejected(
            "OutOfpods",
            "Node didn't have enough resource: pods, requested: 1, used: %d, capacity: %d"
                .formatted(active.size(), capacity));
  }

  /// Upstream's active pods: neither over nor without a spec.
  private static boolean counts(PodView view) {
    return view.active()
        && view.pod().isPresent()
        && !view.phase().equals("Succeeded")
        && !view.phase().equals("Failed");
  }

  private static Admission refuse(Port port, PodView holder) {
    String who = "pod " + holder.id() + " (UID " + holder.id().uid() + ")";
    return holder.ending()
        ? new Later("host port " + port + " is held by " + who + ", which is ending")
        : new Rejected(
            "NodePorts",
            "host port " + port + " is taken by " + who + ", use another hostPort or remove it");
  }

  /// A pod of the same name is a predecessor, for which the worker waits anyway.
  private static boolean isOther(FrozenPod pod, PodView view) {
    return view.active() && !PodId.of(pod).fullName().equals(view.id().fullName());
  }

  private static boolean holds(PodView view, Port port) {
    return view.pod().isPresent()
        && HostPorts.of(view.pod().get()).stream().anyMatch(port::clashesWith);
  }
}
