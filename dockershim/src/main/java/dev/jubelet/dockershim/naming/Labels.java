package dev.jubelet.dockershim.naming;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// CRI labels and annotations as labels of a Docker container, and back. What an image brings along
/// as LABEL ends up among a container's labels too, so the keys that the shim wrote itself are
/// listed in [#KEYS] and nothing else is given back.
public final class Labels {
  public static final String TYPE = "io.kubernetes.docker.type";
  public static final String TYPE_SANDBOX = "podsandbox";
  public static final String TYPE_CONTAINER = "container";
  public static final String LOG_PATH = "io.kubernetes.container.logpath";
  public static final String SANDBOX_ID = "io.kubernetes.sandbox.id";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";

  /// A kubelet's annotation of a container, which is its name's last part too.
  static final String RESTART_COUNT = "annotation.io.kubernetes.container.restartCount";

  /// Whose container it is: the id kept in the shim's root directory.
  public static final String OWNER = "dev.jubelet.owner";

  /// The name that the shim gave it. An image that was committed from a container has all of that
  /// container's labels, so what runs such an image is told by another name than its own.
  public static final String NAME = "dev.jubelet.name";

  /// The image as the pod's author wrote it, where the container was made from an id.
  public static final String IMAGE = "dev.jubelet.image-name";

  /// The keys of the labels and annotations that the shim was given, one per line.
  public static final String KEYS = "dev.jubelet.keys";

  private static final String ANNOTATION = "annotation.";
  private static final Set<String> INTERNAL = Set.of(TYPE, LOG_PATH, SANDBOX_ID, OWNER, NAME, KEYS);

  private Labels() {}

  /// The labels of a sandbox container.
  public static Map<String, String> sandbox(
      DockerName name, Map<String, String> labels, Map<String, String> annotations, String owner) {
    Map<String, String> all = given(name, labels, annotations, owner);
    all.put(TYPE, TYPE_SANDBOX);
    all.put(CONTAINER_NAME, "POD");
    return all;
  }

  /// The labels of an application container.
  public static Map<String, String> container(
      DockerName name,
      Map<String, String> labels,
      Map<String, String> annotations,
      String sandboxId,
      String logPath,
      String imageName,
      String owner) {
    Map<String, String> all = given(name, labels, annotations, owner);
    all.put(TYPE, TYPE_CONTAINER);
    all.put(SANDBOX_ID, sandboxId);
    all.put(LOG_PATH, logPath);
    all.put(IMAGE, imageName);
    return all;
  }

  private static Map<String, String> given(
      DockerName name, Map<String, String> labels, Map<String, String> annotations, String owner) {
    Map<String, String> all = new TreeMap<>(labels);
    annotations.forEach((key, value) -> all.put(ANNOTATION + key, value));
    all.put(KEYS, String.join("\n", all.keySet()));
    all.put(OWNER, owner);
    all.put(NAME, name.toString());
    return all;
  }

  /// The CRI labels among a container's Docker labels.
  public static Map<String, String> labels(Map<String, String> docker) {
    return pick(docker).entrySet().stream()
        .filter(e -> !e.getKey().startsWith(ANNOTATION))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /// The CRI annotations among a container's Docker labels.
  public static Map<String, String> annotations(Map<String, String> docker) {
    return pick(docker).entrySet().stream()
        .filter(e -> e.getKey().startsWith(ANNOTATION))
        .collect(
            Collectors.toMap(e -> e.getKey().substring(ANNOTATION.length()), Map.Entry::getValue));
  }

  private static Map<String, String> pick(Map<String, String> docker) {
    Map<String, String> picked = new TreeMap<>(docker);
    String keys = docker.get(KEYS);
    if (keys != null && docker.containsKey(OWNER)) {
      picked.keySet().retainAll(new TreeSet<>(Arrays.asList(keys.split("\n"))));
    }
    picked.keySet().removeAll(INTERNAL);
    if (TYPE_SANDBOX.equals(docker.get(TYPE))) {
      picked.remove(CONTAINER_NAME);
    }
    return picked;
  }
}
