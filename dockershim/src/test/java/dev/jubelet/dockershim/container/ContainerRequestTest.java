package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.jubelet.cri.v1.ContainerConfig;
import dev.jubelet.cri.v1.KeyValue;
import dev.jubelet.cri.v1.LinuxContainerConfig;
import dev.jubelet.cri.v1.LinuxContainerResources;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.cri.v1.LinuxPodSandboxConfig;
import dev.jubelet.cri.v1.NamespaceMode;
import dev.jubelet.cri.v1.NamespaceOption;
import dev.jubelet.cri.v1.PodSandboxConfig;
import dev.jubelet.cri.v1.Signal;
import dev.jubelet.dockershim.docker.DockerApi.CreateContainer;
import dev.jubelet.dockershim.docker.DockerApi.Resources;
import dev.jubelet.dockershim.engine.EngineFacts;
import dev.jubelet.dockershim.security.ContainerSecurity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerRequestTest {
  @Test
  void whatIsNotGivenIsTheImages() {
    CreateContainer request = of(ContainerConfig.newBuilder());
    assertThat(request.entrypoint()).isNull();
    assertThat(request.cmd()).isNull();
    assertThat(request.workingDir()).isNull();
    assertThat(request.stopSignal()).isNull();
    assertThat(request.hostConfig().maskedPaths()).isNull();
  }

  @Test
  void whatIsGivenIsPassedOn() {
    CreateContainer request = of(ContainerConfig.newBuilder()
        .addCommand("sh")
        .addArgs("-c")
        .setWorkingDir("/w")
        .addEnvs(KeyValue.newBuilder().setKey("A").setValue(ByteString.copyFromUtf8("b=c")))
        .setTty(true)
        .setStdin(true));
    assertThat(request.entrypoint()).containsExactly("sh");
    assertThat(request.cmd()).containsExactly("-c");
    assertThat(request.env()).containsExactly("A=b=c");
    assertThat(request.workingDir()).isEqualTo("/w");
    assertThat(request.tty()).isTrue();
    assertThat(request.hostConfig().networkMode()).isEqualTo("container:sandbox");
    assertThat(request.hostConfig().ipcMode()).isEqualTo("container:sandbox");
    assertThat(request.hostConfig().logOptions()).containsEntry("max-size", "4m");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "NODE,'',host",
        "POD,'',container:sandbox",
        "CONTAINER,'',-",
        "TARGET,other,container:other"
      })
  void pidNamespaces(NamespaceMode mode, String target, String expected) {
    assertThat(of(pid(mode, target)).hostConfig().pidMode()).isEqualTo(expected);
  }

  @Test
  void aTargetMustBeNamed() {
    assertThatThrownBy(() -> of(pid(NamespaceMode.TARGET, ""))).hasMessageContaining("target_id");
  }

  @Test
  void swapIsNoneUnlessGiven() {
    LinuxContainerResources.Builder given =
        LinuxContainerResources.newBuilder().setMemoryLimitInBytes(10).setCpuShares(2);
    assertThat(ContainerRequest.resources(given.build()))
        .isEqualTo(new Resources(2, 0, 0, 10, 10, "", ""));
    assertThat(ContainerRequest.resources(given.setMemorySwapLimitInBytes(30).build())
            .memorySwap())
        .isEqualTo(30);
  }

  @ParameterizedTest
  @CsvSource({"SIGTERM,SIGTERM", "SIGRTMINPLUS3,SIGRTMIN+3", "SIGRTMAXMINUS2,SIGRTMAX-2"})
  void stopSignalsAreDockers(Signal signal, String expected) {
    assertThat(of(ContainerConfig.newBuilder().setStopSignal(signal)).stopSignal())
        .isEqualTo(expected);
  }

  @Test
  void theCgroupParentIsByTheDriver() {
    PodSandboxConfig sandbox = PodSandboxConfig.newBuilder()
        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent("/k.slice/k-pod1.slice"))
        .build();
    CreateContainer request = ContainerRequest.of(
        "sandbox",
        ContainerConfig.getDefaultInstance(),
        sandbox,
        ContainerSecurity.none(),
        List.of(),
        Map.of(),
        facts("systemd"));
    assertThat(request.hostConfig().cgroupParent()).isEqualTo("k-pod1.slice");
  }

  private static CreateContainer of(ContainerConfig.Builder config) {
    return ContainerRequest.of(
        "sandbox",
        config.build(),
        PodSandboxConfig.getDefaultInstance(),
        ContainerSecurity.none(),
        List.of(),
        Map.of(),
        facts("cgroupfs"));
  }

  private static ContainerConfig.Builder pid(NamespaceMode mode, String target) {
    return ContainerConfig.newBuilder()
        .setLinux(LinuxContainerConfig.newBuilder()
            .setSecurityContext(LinuxContainerSecurityContext.newBuilder()
                .setNamespaceOptions(
                    NamespaceOption.newBuilder().setPid(mode).setTargetId(target))));
  }

  private static EngineFacts facts(String driver) {
    return new EngineFacts(
        "1", "1.41", driver, true, "/docker", "json-file", false, false, Optional.empty());
  }
}
