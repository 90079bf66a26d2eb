package dev.jubelet.dockershim.container;

import dev.jubelet.cri.v1.ContainerUser;
import dev.jubelet.cri.v1.LinuxContainerUser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Who a running container's first process is, from `/proc/<pid>/status`.
final class ContainerUserView {
  private ContainerUserView() {}

  static Optional<ContainerUser> of(long pid) {
    if (pid <= 1) {
      return Optional.empty();
    }
    try {
      return parse(Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<ContainerUser> parse(List<String> status) {
    LinuxContainerUser.Builder user = LinuxContainerUser.newBuilder();
    boolean found = false;
    for (String line : status) {
      String[] words = line.split("\\s+");
      switch (words[0]) {
        case "Uid:" -> {
          user.setUid(Long.parseLong(words[1]));
          found = true;
        }
        case "Gid:" -> user.setGid(Long.parseLong(words[1]));
        case "Groups:" ->
          Arrays.stream(words).skip(1).map(Long::parseLong).forEach(user::addSupplementalGroups);
        default -> {}
      }
    }
    return found
        ? Optional.of(ContainerUser.newBuilder().setLinux(user).build())
        : Optional.empty();
  }
}
