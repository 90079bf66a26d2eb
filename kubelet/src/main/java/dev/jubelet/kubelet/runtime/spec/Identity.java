package dev.jubelet.kubelet.runtime.spec;

import dev.jubelet.cri.v1.Int64Value;
import dev.jubelet.cri.v1.SupplementalGroupsPolicy;
import dev.jubelet.kubelet.pod.FrozenPod;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Users and groups: the container's settings before the pod's, the image's last.
///
/// @param user the number to run as; empty leaves it to the name or the image
/// @param userName the image's user, when it is a name
record Identity(Optional<Int64Value> user, String userName, Optional<Int64Value> group) {
  private static final long MAX_ID = Integer.MAX_VALUE;

  /// @throws CreateContainerConfigException when runAsNonRoot forbids it or cannot be proven
  static Identity of(FrozenPod pod, Container container, ContainerFacts facts) {
    PodSecurityContext ofPod = pod.object().getSpec().getSecurityContext();
    SecurityContext own = container.getSecurityContext();
    Long user = own != null && own.getRunAsUser() != null ? own.getRunAsUser() : null;
    Long group = own != null && own.getRunAsGroup() != null ? own.getRunAsGroup() : null;
    Boolean nonRoot = own != null ? own.getRunAsNonRoot() : null;
    if (ofPod != null) {
      user = user == null ? ofPod.getRunAsUser() : user;
      group = group == null ? ofPod.getRunAsGroup() : group;
      nonRoot = nonRoot == null ? ofPod.getRunAsNonRoot() : nonRoot;
    }
    if (Boolean.TRUE.equals(nonRoot)) {
      proveNonRoot(pod, container, user, facts);
    }
    return new Identity(
        user != null ? int64(user) : image(facts),
        user != null ? "" : facts.imageUser(),
        int64(group));
  }

  private static Optional<Int64Value> image(ContainerFacts facts) {
    OptionalLong uid = facts.imageUid();
    return uid.isPresent() ? int64(uid.getAsLong()) : Optional.empty();
  }

  // CVE-2021-25749 and its kind: only a plain number from 1 up is proof, never a name
  private static void proveNonRoot(
      FrozenPod pod, Container container, @Nullable Long user, ContainerFacts facts) {
    String where = " (pod: \"%s\", container: %s)".formatted(pod.fullName(), container.getName());
    if (user != null) {
      if (user == 0) {
        throw new CreateContainerConfigException(
            "container's runAsUser breaks non-root policy" + where);
      }
      return;
    }
    if (facts.imageUid().isEmpty() && !facts.imageUser().isEmpty()) {
      throw new CreateContainerConfigException(
          "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root"
                  .formatted(facts.imageUser())
              + where);
    }
    long uid = facts.imageUid().orElse(0);
    if (uid < 1 || uid > MAX_ID) {
      String odd = uid == 0 ? "" : ", its user " + uid + " is out of range";
      throw new CreateContainerConfigException(
          "container has runAsNonRoot and image will run as root" + odd + where);
    }
  }

  /// fsGroup first, then the declared ones.
  static List<Long> supplementalGroups(FrozenPod pod) {
    List<Long> groups = new ArrayList<>();
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    if (context != null && context.getFsGroup() != null) {
      groups.add(context.getFsGroup());
    }
    if (context != null && context.getSupplementalGroups() != null) {
      groups.addAll(context.getSupplementalGroups());
    }
    return groups;
  }

  static SupplementalGroupsPolicy groupsPolicy(FrozenPod pod) {
    PodSecurityContext context = pod.object().getSpec().getSecurityContext();
    return context != null && "Strict".equals(context.getSupplementalGroupsPolicy())
        ? SupplementalGroupsPolicy.Strict
        : SupplementalGroupsPolicy.Merge;
  }

  static Optional<Int64Value> int64(@Nullable Long number) {
    return Optional.ofNullable(number)
        .map(n -> Int64Value.newBuilder().setValue(n).build());
  }
}
