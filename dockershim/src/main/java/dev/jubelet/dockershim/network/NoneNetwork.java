package dev.jubelet.dockershim.network;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Pods with a loopback interface and nothing else (`--network-plugin none`).
public final class NoneNetwork implements PodNetwork {

  @Override
  public String dockerNetworkMode() {
    return "none";
  }

  @Override
  public boolean dockerPublishesPorts() {
    return false;
  }

  @Override
  public Readiness readiness() {
    return Readiness.READY;
  }

  @Override
  public void claim(PodRef pod, List<HostPort> ports) throws NetworkException {
    if (ports.stream().anyMatch(port -> port.hostPort() > 0)) {
      throw new NetworkException(("pod %s/%s has a hostPort, but pods have no network here:"
              + " use --network-plugin cni or docker")
          .formatted(pod.namespace(), pod.name()));
    }
  }

  /// Docker itself switches the loopback interface on.
  @Override
  public Attachment setUp(PodRef pod, long pid, List<HostPort> ports, Duration deadline) {
    return new Attachment(List.of());
  }

  @Override
  public void tearDown(PodRef pod, Optional<Long> pid, List<HostPort> ports, Duration deadline) {}

  @Override
  public void podCidr(String cidr) {}

  @Override
  public void close() {}
}
