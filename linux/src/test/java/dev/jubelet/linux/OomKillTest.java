package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OomKillTest {
  @Test
  void theCgroupsOfALimit() {
    assertThat(OomKill.of(
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=d3ed,mems_allowed=0,"
                + "oom_memcg=/kubepods/pod1,task_memcg=/kubepods/pod1/d3ed,task=dd,pid=6556,uid=0"))
        .contains(new OomKill(List.of("/kubepods/pod1", "/kubepods/pod1/d3ed"), 0));
    assertThat(OomKill.of("Task in /docker/d3ed killed as a result of limit of /docker/d3ed"))
        .contains(new OomKill(List.of("/docker/d3ed"), 0));
  }

  @Test
  void theCgroupOfAProcessWhenTheWholeMachineIsShort() {
    assertThat(OomKill.of(
            "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=other,mems_allowed=0,"
                + "global_oom,task_memcg=/system.slice/docker-d3ed.scope,task=java,pid=7,uid=1"))
        .contains(new OomKill(List.of("/system.slice/docker-d3ed.scope"), 0));
  }

  @Test
  void theProcess() {
    assertThat(OomKill.of(
            "Memory cgroup out of memory: Killed process 6556 (dd) total-vm:67804kB, UID:0"))
        .contains(new OomKill(List.of(), 6556));
    assertThat(OomKill.of("Out of memory: Killed process 12 (java) total-vm:1kB"))
        .contains(new OomKill(List.of(), 12));
    assertThat(OomKill.of("Killed process 12, UID 0, (java) total-vm:1kB"))
        .contains(new OomKill(List.of(), 12));
  }

  @Test
  void otherRecordsTellNothing() {
    assertThat(List.of(
            "",
            "dd invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0",
            "oom-kill:",
            "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null)",
            "Task in ",
            "Killed process",
            "Killed process 99999999999 (x)",
            "Tasks in /a are going to be killed due to memory.oom.group set"))
        .allSatisfy(record -> assertThat(OomKill.of(record)).isEmpty());
  }
}
