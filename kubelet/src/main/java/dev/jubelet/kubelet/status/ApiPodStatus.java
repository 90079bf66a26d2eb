package dev.jubelet.kubelet.status;

import io.fabric8.kubernetes.api.model.PodStatus;

/// The status of a pod as the API shows it. Pure.
public final class ApiPodStatus {
  private ApiPodStatus() {}

  public static PodStatus of(StatusInput input) {
    return new PodStatus();
  }
}
