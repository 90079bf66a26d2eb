package dev.jubelet.kubelet.cri;

/// The labels and annotations by which the runtime's objects are known to be a pod's.
public final class PodLabels {
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";
  public static final String HASH = "io.kubernetes.container.hash";
  public static final String RESTART_COUNT = "io.kubernetes.container.restartCount";
  public static final String MESSAGE_PATH = "io.kubernetes.container.terminationMessagePath";
  public static final String MESSAGE_POLICY = "io.kubernetes.container.terminationMessagePolicy";
  public static final String PORTS = "io.kubernetes.container.ports";
  public static final String DELETION_GRACE = "io.kubernetes.pod.deletionGracePeriod";
  public static final String TERMINATION_GRACE = "io.kubernetes.pod.terminationGracePeriod";

  private PodLabels() {}
}
