package dev.jubelet.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.jubelet.trace.StepHook;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// ARCHITECTURE.md, checked against the code.
class ArchitectureTest {
  private static final JavaClasses CODE = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPackages("dev.jubelet");

  /// The module table of ARCHITECTURE.md: who may use whom.
  private static final Map<String, Set<String>> MAY_USE = Map.of(
      "linux", Set.of(),
      "trace", Set.of("linux"),
      "cri", Set.of("trace", "linux"),
      "cni", Set.of("linux"),
      "dockershim", Set.of("cri", "cni", "linux", "trace"),
      "kubelet", Set.of("cri", "linux", "trace"),
      "testkit", Set.of("cri", "linux", "trace"),
      "cli", Set.of("dockershim", "kubelet", "cri", "cni", "linux", "trace"));

  @Test
  void modulesUseOnlyWhatTheTableAllows() {
    MAY_USE.forEach((module, allowed) -> {
      String[] forbidden = MAY_USE.keySet().stream()
          .filter(other -> !other.equals(module) && !allowed.contains(other))
          .map(other -> "dev.jubelet." + other + "..")
          .toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.jubelet." + module + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(forbidden)
          .check(CODE);
    });
  }

  @Test
  void packagesHaveNoCycles() {
    for (String module : MAY_USE.keySet()) {
      slices()
          .matching("dev.jubelet." + module + ".(**)")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true)
          .check(CODE);
    }
  }

  @Test
  void nobodyChangesAPodOutsideOfPodAndStatus() {
    DescribedPredicate<JavaAccess<?>> setter = DescribedPredicate.describe(
        "a setter or builder of the Kubernetes model",
        access -> access instanceof JavaMethodCall
            && access
                .getTargetOwner()
                .getPackageName()
                .startsWith("io.fabric8.kubernetes.api.model")
            && (access.getTarget().getName().startsWith("set")
                || access.getTargetOwner().getSimpleName().endsWith("Builder")));
    noClasses()
        .that()
        .resideInAPackage("dev.jubelet..")
        .and()
        .resideOutsideOfPackages(
            "dev.jubelet.kubelet.pod..",
            "dev.jubelet.kubelet.status..",
            "dev.jubelet.kubelet.server..")
        .should()
        .accessTargetWhere(setter)
        .check(CODE);
  }

  /// Failpoints are for tests: nothing that is distributed provides the hook.
  @Test
  void onlyTheTestkitProvidesAStepHook() throws Exception {
    classes()
        .that()
        .implement(StepHook.class)
        .and()
        .areTopLevelClasses()
        .should()
        .resideInAPackage("dev.jubelet.testkit..")
        .check(CODE);
    String service = "META-INF/services/" + StepHook.class.getName();
    List<URL> providers = Collections.list(StepHook.class.getClassLoader().getResources(service));
    assertThat(providers).singleElement().asString().contains("testkit");
    try (Stream<Path> jars = Files.list(Engine.top().resolve("cli/target/lib"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .as("the class path of the distribution")
          .anyMatch(jar -> jar.startsWith("trace-"))
          .noneMatch(jar -> jar.startsWith("testkit"));
    }
  }

  @Test
  void namesSayWhatIsInThem() {
    List<String> vague = CODE.stream()
        .map(JavaClass::getSimpleName)
        .filter(name -> name.matches(".*(Utils?|Helper|Common|Manager|Impl)"))
        .toList();
    assertThat(vague).isEmpty();
  }

  @Test
  void everyPackageHasALineInTheHouse() throws Exception {
    String house = Files.readString(Engine.top().resolve("ARCHITECTURE.md"));
    Set<String> missing = new TreeSet<>();
    for (JavaClass type : CODE) {
      String name = type.getPackageName();
      if (name.startsWith("dev.jubelet.cri.v1") || name.startsWith("dev.jubelet.trace.local.v1")) {
        continue;
      }
      String[] parts = name.split("\\.", 4);
      if (parts.length == 4 && !house.contains("`" + parts[3] + "`")) {
        missing.add(parts[2] + ": `" + parts[3] + "`");
      }
    }
    assertThat(missing).as("packages without a line in ARCHITECTURE.md").isEmpty();
  }
}
