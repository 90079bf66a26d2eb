package dev.jubelet.dockershim.network;

import dev.jubelet.dockershim.docker.DockerException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Pods on Docker's own bridge, where Docker gives addresses and publishes host ports: what works
/// where no CNI is configured.
public final class DockerNetwork implements PodNetwork {
  private final Addresses addresses;
  private final HostPorts hostPorts = new HostPorts(Path.of("/proc"));

  public DockerNetwork(Addresses addresses) {
    this.addresses = addresses;
  }

  /// The addresses that Docker gave a container, IPv4 before IPv6.
  @FunctionalInterface
  public interface Addresses {
    List<String> of(String containerId) throws DockerException;
  }

  @Override
  public String dockerNetworkMode() {
    return "bridge";
  }

  @Override
  public boolean dockerPublishesPorts() {
    return true;
  }

  @Override
  public Readiness readiness() {
    return Readiness.READY;
  }

  @Override
  public void claim(PodRef pod, List<HostPort> ports) throws NetworkException {
    hostPorts.claim(pod, ports, List.of());
  }

  @Override
  public void unclaim(PodRef pod) {
    hostPorts.release(pod);
  }

  @Override
  public Attachment setUp(PodRef pod, long pid, List<HostPort> ports, Duration deadline)
      throws NetworkException {
    hostPorts.bind(pod);
    try {
      List<String> ips = addresses.of(pod.sandboxId());
      if (ips.isEmpty()) {
        throw new NetworkException(
            "docker gave pod %s/%s no address on its bridge: is the engine's bridge switched off?"
                .formatted(pod.namespace(), pod.name()));
      }
      return new Attachment(ips);
    } catch (DockerException e) {
      throw new NetworkException("the address of sandbox " + pod.sandboxId() + " is unknown", e);
    }
  }

  /// Docker takes a container off its bridge when it ends.
  @Override
  public void tearDown(PodRef pod, Optional<Long> pid, List<HostPort> ports, Duration deadline) {
    hostPorts.release(pod);
  }

  /// Docker's bridge has its own addresses.
  @Override
  public void podCidr(String cidr) {}

  @Override
  public void close() {}
}
