package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.v1.LinuxContainerUser;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContainerUserViewTest {
  @Test
  void readsTheRealIds() {
    LinuxContainerUser user = ContainerUserView.parse(
            List.of("Name:\tsh", "Uid:\t65\t65\t65\t65", "Gid:\t7\t7\t7\t7", "Groups:\t7 50000 "))
        .orElseThrow()
        .getLinux();
    assertThat(user.getUid()).isEqualTo(65);
    assertThat(user.getGid()).isEqualTo(7);
    assertThat(user.getSupplementalGroupsList()).containsExactly(7L, 50000L);
  }

  @Test
  void aProcessThatIsGoneHasNone() {
    assertThat(ContainerUserView.of(0)).isEmpty();
    assertThat(ContainerUserView.of(Integer.MAX_VALUE)).isEmpty();
    assertThat(ContainerUserView.parse(List.of())).isEmpty();
  }
}
