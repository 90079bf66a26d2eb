package dev.jubelet.dockershim.sandbox;

import dev.jubelet.cri.v1.PodSandbox;
import dev.jubelet.cri.v1.PodSandboxFilter;
import dev.jubelet.dockershim.checkpoint.CheckpointStore;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.pods.Member;
import dev.jubelet.dockershim.pods.Pods;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// `ListPodSandbox` and `StreamPodSandboxes`: no Docker call, newest first. Without a filter, the
/// sandboxes of which only a checkpoint is left are there too.
public final class ListPodSandbox {
  private final Pods pods;
  private final CheckpointStore checkpoints;

  public ListPodSandbox(Pods pods, CheckpointStore checkpoints) {
    this.pods = pods;
    this.checkpoints = checkpoints;
  }

  public List<PodSandbox> call(PodSandboxFilter filter) throws DockerException, IOException {
    boolean all = filter.equals(PodSandboxFilter.getDefaultInstance());
    // Before the list: one created meanwhile has its container, and is not taken for a leftover.
    List<String> checkpointed = all ? checkpoints.ids() : List.of();
    List<Member> sandboxes = pods.sandboxes();
    List<PodSandbox> listed = new ArrayList<>();
    sandboxes.stream()
        .filter(s -> s.carries(filter.getLabelSelectorMap()))
        .map(SandboxView::listed)
        .filter(s -> matches(s, filter))
        .sorted((a, b) -> Long.compare(b.getCreatedAt(), a.getCreatedAt()))
        .forEach(listed::add);
    Set<String> there = sandboxes.stream().map(Member::id).collect(Collectors.toSet());
    for (String id : checkpointed) {
      if (!there.contains(id)) {
        checkpoints.read(id).ifPresent(c -> listed.add(SandboxView.listed(id, c)));
      }
    }
    return listed;
  }

  static boolean matches(PodSandbox sandbox, PodSandboxFilter filter) {
    return sandbox.getId().startsWith(filter.getId())
        && (!filter.hasState() || sandbox.getState() == filter.getState().getState());
  }
}
