package dev.jubelet.it.launcher;

import dev.jubelet.it.Engine;
import dev.jubelet.it.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A checkout of its own with the real scripts. Maven, the JDK and the archive
/// made with it are stood in for by scripts that
/// write what they were asked into a journal, so that what the launcher decides can be seen.
final class Checkout {
  private static final List<String> MODULES =
      List.of("linux", "trace", "cri", "cni", "dockershim", "kubelet", "cli");

  private final Path top;
  private final Path journal;

  private Checkout(Path top) {
    this.top = top;
    this.journal = top.resolve("journal");
  }

  static Checkout in(Path directory) throws IOException, InterruptedException {
    Path top = directory.resolve("checkout");
    Files.createDirectory(top);
    Path real = Engine.top();
    for (String part : List.of("jubelet", "bin", "systemd", ".mvn", "pom.xml", "examples")) {
      Ran.run("cp", "-a", real.resolve(part).toString(), top.toString()).ok();
    }
    Checkout checkout = new Checkout(top);
    for (String module : MODULES) {
      checkout.write(module + "/pom.xml", "<project/>");
      checkout.write(module + "/src/main/java/A.java", "class A {}");
      checkout.write(module + "/src/test/java/ATest.java", "class ATest {}");
    }
    // Maven makes target/ anew, which changes the directory that it stands in.
    checkout.script("mvnw", """
        echo build >> "$(dirname "$0")/journal"
        cd "$(dirname "$0")" && ! [ -e broken ] || { echo 'COMPILATION ERROR: A.java'; exit 1; }
        for m in linux trace cri cni dockershim kubelet cli; do rm -rf $m/target; mkdir $m/target; done
        mkdir -p cli/target/lib && echo > cli/target/lib/a.jar && echo > cli/target/cli-0.1.jar
        """);
    checkout.script("bin/make-archive", "exit 0\n");
    checkout.jdk("jdk", "25.0.1");
    return checkout;
  }

  /// A directory that looks like a JDK of this version; its `java` says what it was started with.
  Path jdk(String name, String version) throws IOException {
    write(name + "/release", "JAVA_VERSION=\"" + version + "\"\n");
    script(name + "/bin/javac", "exit 1\n");
    script(name + "/bin/java", """
        case " $* " in *" dev.jubelet.cli.Main "*) ;; *) exit 0 ;; esac
        echo "home $(cd "$(dirname "$0")/.." && pwd)"
        echo "called as $JUBELET_CALLED_AS"
        while [ "$1" != dev.jubelet.cli.Main ]; do shift; done
        shift
        echo "arguments:$(printf ' <%s>' "$@")"
        """);
    return top.resolve(name);
  }

  Path top() {
    return top;
  }

  Path write(String file, String text) throws IOException {
    Path path = top.resolve(file);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, text);
  }

  Path script(String file, String body) throws IOException {
    Path path = write(file, "#!/bin/sh\n" + body);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// How often Maven was asked to build.
  long builds() throws IOException {
    return Files.exists(journal) ? Files.readAllLines(journal).size() : 0;
  }

  Ran jubelet(String... arguments) throws IOException, InterruptedException {
    return jubelet(Map.of(), List.of(), arguments);
  }

  /// Starts the launcher, with more environment and behind other words.
  Ran jubelet(Map<String, String> more, List<String> before, String... arguments)
      throws IOException, InterruptedException {
    Map<String, String> env = new HashMap<>();
    env.put("JAVA_HOME", top.resolve("jdk").toString());
    env.putAll(more);
    List<String> words = Stream.of(
            before.stream(), Stream.of(top.resolve("jubelet").toString()), Stream.of(arguments))
        .flatMap(part -> part)
        .toList();
    return Ran.run(env, 60, words);
  }
}
