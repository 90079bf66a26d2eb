package dev.jubelet.cri;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.v1.ImageServiceGrpc;
import dev.jubelet.cri.v1.RuntimeServiceGrpc;
import org.junit.jupiter.api.Test;

class OperationNamesTest {

  @Test
  void namesAreUpstreams() {
    assertThat(OperationNames.of(RuntimeServiceGrpc.getRunPodSandboxMethod()))
        .isEqualTo("run_podsandbox");
    assertThat(OperationNames.of(RuntimeServiceGrpc.getListPodSandboxStatsMethod()))
        .isEqualTo("list_podsandbox_stats");
    assertThat(OperationNames.of(RuntimeServiceGrpc.getUpdateContainerResourcesMethod()))
        .isEqualTo("update_container");
    assertThat(OperationNames.of(RuntimeServiceGrpc.getExecSyncMethod())).isEqualTo("exec_sync");
    assertThat(OperationNames.of(ImageServiceGrpc.getImageFsInfoMethod()))
        .isEqualTo("image_fs_info");
  }
}
