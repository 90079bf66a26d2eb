package dev.jubelet.dockershim.engine;

import dev.jubelet.cri.v1.UpdateRuntimeConfigRequest;
import dev.jubelet.cri.v1.UpdateRuntimeConfigResponse;
import dev.jubelet.dockershim.network.PodNetwork;

/// `UpdateRuntimeConfig`: the pod CIDR for the network.
public final class UpdateRuntimeConfig {
  private final PodNetwork network;

  public UpdateRuntimeConfig(PodNetwork network) {
    this.network = network;
  }

  public UpdateRuntimeConfigResponse call(UpdateRuntimeConfigRequest request) {
    String cidr = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
    if (!cidr.isEmpty()) {
      network.podCidr(cidr);
    }
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }
}
