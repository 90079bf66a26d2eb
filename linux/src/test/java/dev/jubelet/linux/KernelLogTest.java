package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelLogTest {
  @Test
  void theTextOfARecord() {
    assertThat(KernelLog.text("6,505341,80018279117,-;oom-kill:a;b\n SUBSYSTEM=x\n"))
        .contains("oom-kill:a;b");
    assertThat(KernelLog.text("3,1,2,-,caller=T1;said")).contains("said");
  }

  @Test
  void whatAProcessWroteIsNotTheKernels() {
    assertThat(KernelLog.text("12,505341,80018279117,-;oom-kill:a\n")).isEmpty();
    assertThat(List.of("", ";", "x", "9,1,2,-;a", "6;text,"))
        .allSatisfy(record -> assertThat(KernelLog.text(record)).isEmpty());
  }
}
