package dev.jubelet.kubelet.pod;

import io.fabric8.kubernetes.api.model.EmptyDirVolumeSource;
import io.fabric8.kubernetes.api.model.HostPathVolumeSource;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// core/v1's rules for `spec.volumes`; sources that are not built are [NotBuilt]'s to name.
final class VolumeValidation {
  private static final String[] HOST_PATH_TYPES = {
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket"
  };

  private VolumeValidation() {}

  /// @return the names of all volumes
  static Set<String> check(FieldErrors errors, List<Volume> volumes, JsonNode tree) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < volumes.size(); i++) {
      String path = "spec.volumes[" + i + "]";
      Volume volume = volumes.get(i);
      String name = volume.getName();
      if (name == null || name.isEmpty()) {
        errors.required(path + ".name", "");
      } else {
        Names.label(errors, path + ".name", name);
        if (!names.add(name)) {
          errors.duplicate(path + ".name", name);
        }
      }
      source(errors, path, volume, sources(tree, i));
    }
    return names;
  }

  /// The keys of what a volume is made of; more than one is a mistake.
  static Set<String> sources(JsonNode tree, int volume) {
    Set<String> keys = new TreeSet<>(tree.at("/spec/volumes/" + volume).propertyNames());
    keys.remove("name");
    return keys;
  }

  private static void source(FieldErrors errors, String path, Volume volume, Set<String> sources) {
    if (sources.size() > 1) {
      errors.forbidden(path, "may not specify more than 1 volume type, has " + sources);
    }
    if (volume.getHostPath() != null) {
      hostPath(errors, path + ".hostPath", volume.getHostPath());
    }
    if (volume.getEmptyDir() != null) {
      emptyDir(errors, path + ".emptyDir", volume.getEmptyDir());
    }
  }

  private static void hostPath(FieldErrors errors, String path, HostPathVolumeSource source) {
    String target = source.getPath();
    if (target == null || target.isEmpty()) {
      errors.required(path + ".path", "");
    } else {
      if (!target.startsWith("/")) {
        errors.invalid(path + ".path", target, "must be an absolute path");
      }
      backsteps(errors, path + ".path", target);
      if (target.indexOf('\0') >= 0) {
        errors.invalid(path + ".path", target, "must not contain a zero byte");
      }
    }
    if (source.getType() != null && !List.of(HOST_PATH_TYPES).contains(source.getType())) {
      errors.unsupported(path + ".type", source.getType(), HOST_PATH_TYPES);
    }
  }

  private static void emptyDir(FieldErrors errors, String path, EmptyDirVolumeSource source) {
    if (source.getMedium() != null
        && !List.of("", "Memory").contains(source.getMedium())
        && !source.getMedium().startsWith("HugePages")) {
      errors.unsupported(path + ".medium", source.getMedium(), "", "Memory");
    }
    if (source.getSizeLimit() != null
        && source.getSizeLimit().getNumericalAmount().signum() < 0) {
      errors.invalid(
          path + ".sizeLimit",
          source.getSizeLimit().toString(),
          "SizeLimit field must be a valid resource quantity, 0 or more");
    }
  }

  /// No element of the path may be `..`.
  static void backsteps(FieldErrors errors, String path, String value) {
    if (List.of(value.split("/", -1)).contains("..")) {
      errors.invalid(path, value, "must not contain '..'");
    }
  }

  /// What may lie inside a volume: relative, without `..`.
  static void localDescending(FieldErrors errors, String path, String value) {
    if (value.startsWith("/")) {
      errors.invalid(path, value, "must be a relative path");
    }
    backsteps(errors, path, value);
    if (value.indexOf('\0') >= 0) {
      errors.invalid(path, value, "must not contain a zero byte");
    }
  }
}
