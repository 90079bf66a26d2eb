package dev.jubelet.kubelet.pod;

import dev.jubelet.kubelet.yaml.YamlException;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Toleration;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Manifest text to frozen pods of one source: read, defaulted, validated, admitted (what is not
/// built is refused), named and given an identity.
///
/// A pod without metadata.uid gets one from the node, where the text came from and what it means,
/// so it keeps it over restarts and a change makes another pod. Pods of files and URLs get the
/// node's name as a suffix; those of `run` keep their own.
///
/// Not for use by several threads at once.
public final class StaticPods {
  public static final String HASH_ANNOTATION = "kubernetes.io/config.hash";
  public static final String SOURCE_ANNOTATION = "kubernetes.io/config.source";
  public static final String SEEN_ANNOTATION = "kubernetes.io/config.seen";

  private final String source;
  private final String nodeName;
  private final AllowedSysctls sysctls;
  private final InstantSource clock;
  private final PodReader reader = new PodReader(PodReader.UnknownFields.REFUSE);
  private final Map<String, Instant> firstSeen = new HashMap<>();

  /// What became of one document.
  public sealed interface Taken {
    /// @param name namespace/name as written
    /// @param tree the document, from which the same pod can be made again
    record Accepted(FrozenPod pod, String name, JsonNode tree) implements Taken {}

    /// @param document its place in the text, from 1
    /// @param pod namespace/name as written, empty when unreadable
    record Refused(int document, String pod, List<String> problems) implements Taken {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /// @param source `file`, `http` or `run`
  /// @param allowedUnsafeSysctls names, or prefixes that end in `*`
  public StaticPods(
      String source, String nodeName, List<String> allowedUnsafeSysctls, InstantSource clock) {
    this.source = source;
    this.nodeName = nodeName.toLowerCase(Locale.ROOT);
    this.sysctls = new AllowedSysctls(allowedUnsafeSysctls);
    this.clock = clock;
  }

  /// @param origin where the text came from, stable over restarts: `file:<path>`, `url:<url>` or
  ///     `run`
  /// @throws YamlException when the text as a whole cannot be read
  public List<Taken> take(byte[] text, String origin) throws YamlException {
    List<Taken> taken = new ArrayList<>();
    for (ManifestPod pod : reader.read(text)) {
      taken.add(take(pod, origin));
    }
    return taken;
  }

  /// Forgets when other pods were first seen: they are gone.
  public void retain(Set<String> uids) {
    firstSeen.keySet().retainAll(uids);
  }

  /// The same pod under another UID: what a running, unchanged copy of it already has.
  public static FrozenPod withUid(FrozenPod pod, String uid) {
    Pod copy = PodReader.JSON.treeToValue(PodReader.JSON.valueToTree(pod.object()), Pod.class);
    copy.getMetadata().setUid(uid);
    copy.getMetadata().getAnnotations().put(HASH_ANNOTATION, uid);
    return new FrozenPod(copy, pod.source(), pod.firstSeen());
  }

  private Taken take(ManifestPod manifest, String origin) {
    if (manifest.pod().isEmpty()) {
      return new Taken.Refused(manifest.document(), manifest.name(), manifest.problems());
    }
    Pod pod = manifest.pod().get();
    FieldErrors errors = new FieldErrors();
    if (pod.getSpec() == null) {
      errors.required("spec", "");
    } else {
      if (pod.getMetadata() == null) {
        pod.setMetadata(new ObjectMeta());
      }
      PodDefaults.apply(pod, manifest.tree());
      new PodValidation(errors).check(pod, manifest.tree());
      new NotBuilt(errors).check(pod, manifest.tree());
      sysctls.check(errors, pod.getSpec());
      identify(errors, pod, origin, manifest.tree());
    }
    return errors.isEmpty()
        ? new Taken.Accepted(freeze(pod), manifest.name(), manifest.tree())
        : new Taken.Refused(manifest.document(), manifest.name(), errors.list());
  }

  private FrozenPod freeze(Pod pod) {
    Instant seen = firstSeen.computeIfAbsent(pod.getMetadata().getUid(), uid -> clock.instant());
    pod.getMetadata().getAnnotations().put(SEEN_ANNOTATION, seen.toString());
    return new FrozenPod(pod, source, seen);
  }

  private void identify(FieldErrors errors, Pod pod, String origin, JsonNode tree) {
    ObjectMeta metadata = pod.getMetadata();
    if (metadata.getUid() == null || metadata.getUid().isEmpty()) {
      metadata.setUid(uid(origin, tree));
    }
    if (!source.equals("run") && metadata.getName() != null) {
      metadata.setName(metadata.getName() + "-" + nodeName);
      if (metadata.getName().length() > 253) {
        errors.invalid(
            "metadata.name",
            metadata.getName(),
            "must be no more than 253 characters with the node's name behind it: shorten it");
      }
    }
    metadata.setDeletionTimestamp(null);
    metadata.setDeletionGracePeriodSeconds(null);
    metadata.setCreationTimestamp(null);
    Map<String, String> annotations = new HashMap<>(metadata.getAnnotations());
    annotations.put(HASH_ANNOTATION, metadata.getUid());
    annotations.put(SOURCE_ANNOTATION, source);
    metadata.setAnnotations(annotations);
    pod.getSpec().setNodeName(nodeName);
    if (source.equals("file")) {
      Toleration everything = new Toleration();
      everything.setOperator("Exists");
      everything.setEffect("NoExecute");
      List<Toleration> tolerations = new ArrayList<>(pod.getSpec().getTolerations());
      tolerations.add(everything);
      pod.getSpec().setTolerations(tolerations);
    }
  }

  /// 32 hex digits, as upstream's; what they are made of differs (a dump of Go's structures there).
  private String uid(String origin, JsonNode tree) {
    MessageDigest digest = sha256();
    digest.update(("host:" + nodeName + "\n" + origin + "\n").getBytes(StandardCharsets.UTF_8));
    // Never as one text: a manifest of 10 MiB has to fit beside its pod.
    OutputStream into = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
    PodReader.JSON.writeValue(into, tree);
    return shown(digest.digest());
  }

  /// 32 hex digits that stand for a text.
  public static String digest(String text) {
    return shown(sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static String shown(byte[] hash) {
    return HexFormat.of().formatHex(hash, 0, 16);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
