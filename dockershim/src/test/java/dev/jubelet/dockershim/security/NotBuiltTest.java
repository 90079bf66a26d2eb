package dev.jubelet.dockershim.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.CDIDevice;
import dev.jubelet.cri.v1.Capability;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.HugepageLimit;
import dev.jubelet.cri.v1.IDMapping;
import dev.jubelet.cri.v1.ImageSpec;
import dev.jubelet.cri.v1.LinuxContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.cri.v1.LinuxPodSandboxConfig;
import dev.jubelet.cri.v1.LinuxSandboxSecurityContext;
import dev.jubelet.cri.v1.Mount;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.SupplementalGroupsPolicy;
import dev.jubelet.cri.v1.UserNamespace;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NotBuiltTest {
  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("CDI_devices", config().addCDIDevices(CDIDevice.getDefaultInstance())),
        Arguments.of("image", mount(m -> m.setImage(ImageSpec.getDefaultInstance()))),
        Arguments.of("image_sub_path", mount(m -> m.setImageSubPath("x"))),
        Arguments.of("uidMappings", mount(m -> m.addUidMappings(IDMapping.getDefaultInstance()))),
        Arguments.of("gidMappings", mount(m -> m.addGidMappings(IDMapping.getDefaultInstance()))),
        Arguments.of("mount_options", mount(m -> m.addMountOptions("noexec"))),
        Arguments.of(
            "hugepage_limits",
            resources(r -> r.addHugepageLimits(HugepageLimit.newBuilder().setLimit(1)))),
        Arguments.of("memory.high", resources(r -> r.putUnified("memory.high", "1"))),
        Arguments.of(
            "supplemental_groups_policy",
            security(c -> c.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict))),
        Arguments.of(
            "add_ambient_capabilities",
            security(
                c -> c.setCapabilities(Capability.newBuilder().addAddAmbientCapabilities("X")))),
        Arguments.of(
            "userns_options", security(c -> c.setNamespaceOptions(userns(NamespaceMode.POD)))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void aContainersFieldIsNamed(String field, ContainerConfig.Builder config) {
    assertThatThrownBy(() -> NotBuilt.check(config.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(field);
  }

  @Test
  void aSandboxsFieldIsNamed() {
    PodSandboxConfig plain = PodSandboxConfig.getDefaultInstance();
    assertThatThrownBy(() -> NotBuilt.check(plain, "gvisor")).hasMessageContaining("gvisor");
    assertThatThrownBy(() ->
            NotBuilt.check(sandbox(c -> c.setNamespaceOptions(userns(NamespaceMode.POD))), ""))
        .hasMessageContaining("userns_options");
    assertThatThrownBy(() -> NotBuilt.check(
            sandbox(c -> c.setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)), ""))
        .hasMessageContaining("supplemental_groups_policy");
  }

  @Test
  void whatAKubeletAlwaysSendsPasses() {
    assertThatCode(() -> {
          NotBuilt.check(sandbox(c -> c.setNamespaceOptions(userns(NamespaceMode.NODE))), "docker");
          NotBuilt.check(
              resources(r -> r.addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB"))
                      .putUnified("memory.oom.group", "1"))
                  .build());
        })
        .doesNotThrowAnyException();
  }

  private static ContainerConfig.Builder config() {
    return ContainerConfig.newBuilder();
  }

  private static ContainerConfig.Builder mount(Change<Mount.Builder> change) {
    Mount.Builder mount = Mount.newBuilder().setContainerPath("/m");
    change.on(mount);
    return config().addMounts(mount);
  }

  private static ContainerConfig.Builder resources(Change<LinuxContainerResources.Builder> change) {
    LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder();
    change.on(resources);
    return config().setLinux(LinuxContainerConfig.newBuilder().setResources(resources));
  }

  private static ContainerConfig.Builder security(
      Change<LinuxContainerSecurityContext.Builder> change) {
    LinuxContainerSecurityContext.Builder context = LinuxContainerSecurityContext.newBuilder();
    change.on(context);
    return config().setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(context));
  }

  private static PodSandboxConfig sandbox(Change<LinuxSandboxSecurityContext.Builder> change) {
    LinuxSandboxSecurityContext.Builder context = LinuxSandboxSecurityContext.newBuilder();
    change.on(context);
    return PodSandboxConfig.newBuilder()
        .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(context))
        .build();
  }

  private static NamespaceOption userns(NamespaceMode mode) {
    return NamespaceOption.newBuilder()
        .setUsernsOptions(UserNamespace.newBuilder().setMode(mode))
        .build();
  }

  private interface Change<B> {
    void on(B builder);
  }
}
