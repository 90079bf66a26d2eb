package dev.jubelet.cni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/// Plugin programs as small scripts in a directory of a test. Each keeps what it was given:
/// `<type>.<command>.in` and `<type>.<command>.env`, and its order in `calls`.
record FakePlugins(Path dir) {

  PluginDirs dirs() {
    return new PluginDirs(List.of(dir));
  }

  /// A plugin that runs `body`, with `$CNI_COMMAND` and the rest set, after noting its input.
  FakePlugins plugin(String type, String body) throws IOException {
    Path file = dir.resolve(type);
    Files.writeString(file, """
        #!/bin/sh
        cd "%1$s" || exit 99
        cat > %2$s.$CNI_COMMAND.in
        env > %2$s.$CNI_COMMAND.env
        echo "$CNI_COMMAND %2$s" >> calls
        if [ "$CNI_COMMAND" = VERSION ]; then
          echo '{"cniVersion":"1.1.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}'
          exit 0
        fi
        %3$s
        """.formatted(dir, type, body));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  /// A plugin that answers ADD with this result.
  FakePlugins answering(String type, String result) throws IOException {
    Files.writeString(dir.resolve(type + ".result"), result);
    return plugin(type, "[ $CNI_COMMAND != ADD ] || cat " + type + ".result");
  }

  List<String> calls() throws IOException {
    Path calls = dir.resolve("calls");
    return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
  }

  String input(String type, String command) throws IOException {
    return Files.readString(dir.resolve(type + "." + command + ".in"));
  }

  List<String> environment(String type, String command) throws IOException {
    return Files.readAllLines(dir.resolve(type + "." + command + ".env"));
  }
}
