package dev.jubelet.dockershim.engine;

import dev.jubelet.cri.v1.CgroupDriver;
import dev.jubelet.cri.v1.LinuxRuntimeConfiguration;
import dev.jubelet.cri.v1.RuntimeConfigResponse;

/// `RuntimeConfig`: the cgroup driver, as last known.
public final class RuntimeConfig {
  private final Engine engine;

  public RuntimeConfig(Engine engine) {
    this.engine = engine;
  }

  public RuntimeConfigResponse call() {
    CgroupDriver driver = engine.lastKnown().cgroupDriver().equals("systemd")
        ? CgroupDriver.SYSTEMD
        : CgroupDriver.CGROUPFS;
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(driver))
        .build();
  }
}
