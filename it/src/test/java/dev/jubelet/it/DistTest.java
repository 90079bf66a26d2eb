package dev.jubelet.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `jubelet dist`: the tarball runs where there is neither a JDK nor Maven, from any directory.
class DistTest {
  @Test
  void theTarballRunsHelloFromItsOwnRuntimeAndArchive() throws Exception {
    Path work = Files.createTempDirectory(Engine.work(), "dist");
    Path tarball = work.resolve("jubelet.tar.gz");
    Ran made = Ran.run(
        Map.of(
            "JAVA_HOME",
            System.getProperty("java.home"),
            "JUBELET_LIB",
            lib(work).toString()),
        240,
        List.of(Engine.top().resolve("bin/make-dist").toString(), tarball.toString()));
    assertThat(made.exitCode()).as("%s", made).isZero();
    Ran.run("tar", "-C", work.toString(), "-xzf", tarball.toString()).ok();
    Path home;
    try (Stream<Path> found = Files.list(work)) {
      home = found.filter(p -> Files.exists(p.resolve("runtime"))).findFirst().orElseThrow();
    }
    Path moved = Files.move(home, work.resolve("elsewhere"));

    Ran hello = ran(moved, "", "run", "examples/hello.yaml");
    assertThat(hello.exitCode()).as("%s", hello).isZero();
    assertThat(hello.out() + hello.err()).contains("hello from hello");

    assertThat(ran(moved, "", "service", "print", "node", "--v=2").ok().out())
        .contains("ExecStart=\"" + moved.resolve("jubelet") + "\" node \"--v=2\"\n");

    Path classes = work.resolve("classes.log");
    Ran version = ran(moved, "-Xlog:class+load:file=" + classes, "version");
    assertThat(version.out()).as("%s", version).startsWith("jubelet ");
    assertThat(Files.readAllLines(classes))
        .as("our own classes come from the archive")
        .anyMatch(l -> l.contains("dev.jubelet.cli.Main ") && l.contains("shared objects file"));
  }

  /// As in a shell that knows nothing of Java.
  private static Ran ran(Path home, String javaOptions, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        "env",
        "-i",
        "-C",
        home.toString(),
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "JUBELET_JAVA_OPTS=" + javaOptions,
        "JUBELET_RUN_DIR=" + home.resolve("run"),
        "./jubelet"));
    command.addAll(List.of(words));
    return Ran.run(Map.of(), 120, command);
  }

  /// The jars of this build, as `cli` left them.
  private static Path lib(Path work) throws IOException {
    Path lib = Files.createDirectory(work.resolve("lib"));
    Path target = Engine.top().resolve("cli/target");
    try (Stream<Path> own = Files.list(target);
        Stream<Path> others = Files.list(target.resolve("lib"))) {
      for (Path jar :
          Stream.concat(own, others).filter(p -> p.toString().endsWith(".jar")).toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()));
      }
    }
    return lib;
  }
}
