package dev.jubelet.dockershim.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.cri.v1.Capability;
import dev.jubelet.cri.v1.Int64Value;
import dev.jubelet.cri.v1.LinuxContainerSecurityContext;
import dev.jubelet.cri.v1.LinuxSandboxSecurityContext;
import dev.jubelet.cri.v1.SELinuxOption;
import dev.jubelet.cri.v1.SecurityProfile;
import dev.jubelet.cri.v1.SecurityProfile.ProfileType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("deprecation") // the text forms of older kubelets
class ContainerSecurityTest {
  private final SeccompProfile profiles = new SeccompProfile(path -> {
    if (path.startsWith("/sys")) {
      return (path.endsWith("enabled") ? "Y\n" : "mine (enforce)\nnew (complain)\n")
          .getBytes(StandardCharsets.UTF_8);
    }
    if (path.toString().equals("/profiles/good.json")) {
      return "{ \"defaultAction\" : \"SCMP_ACT_ALLOW\" }".getBytes(StandardCharsets.UTF_8);
    }
    if (path.toString().equals("/profiles/bad.json")) {
      return "nonsense".getBytes(StandardCharsets.UTF_8);
    }
    throw new NoSuchFileException(path.toString());
  });

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"-,'',-,-", "7,'',-,7", "7,nobody,-,nobody", "7,'',8,7:8", "-,nobody,8,nobody:8"})
  void userAndGroup(Long uid, String name, Long gid, String expected) throws IOException {
    var context = LinuxContainerSecurityContext.newBuilder().setRunAsUsername(name);
    if (uid != null) {
      context.setRunAsUser(Int64Value.newBuilder().setValue(uid));
    }
    if (gid != null) {
      context.setRunAsGroup(Int64Value.newBuilder().setValue(gid));
    }
    assertThat(of(context).user()).isEqualTo(expected);
  }

  @Test
  void aGroupAloneIsRefused() {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setRunAsGroup(Int64Value.newBuilder().setValue(1));
    assertThatThrownBy(() -> of(context)).hasMessage("runAsGroup is specified without a runAsUser");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 2147483648L, 4294967296L})
  void idsThatMeanAnotherUserAreRefused(long uid) {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setRunAsUser(Int64Value.newBuilder().setValue(uid));
    assertThatThrownBy(() -> of(context)).hasMessageContaining("run_as_user");
    var groups = LinuxContainerSecurityContext.newBuilder().addSupplementalGroups(uid);
    assertThatThrownBy(() -> of(groups)).hasMessageContaining("supplemental_groups");
  }

  @Test
  void capabilitiesGroupsAndFlags() throws IOException {
    ContainerSecurity security = of(LinuxContainerSecurityContext.newBuilder()
        .setCapabilities(
            Capability.newBuilder().addAddCapabilities("NET_ADMIN").addDropCapabilities("ALL"))
        .addSupplementalGroups(5)
        .setReadonlyRootfs(true)
        .setNoNewPrivs(true)
        .setSeccomp(profile(ProfileType.RuntimeDefault, ""))
        .setSelinuxOptions(SELinuxOption.newBuilder().setType("t").setLevel("s0")));
    assertThat(security.capAdd()).containsExactly("NET_ADMIN");
    assertThat(security.capDrop()).containsExactly("ALL");
    assertThat(security.groupAdd()).containsExactly("5");
    assertThat(security.readonlyRootfs()).isTrue();
    assertThat(security.securityOpt())
        .containsExactly("label=type:t", "label=level:s0", "no-new-privileges");
  }

  @Test
  void masksAreExactlyThoseGiven() throws IOException {
    assertThat(of(LinuxContainerSecurityContext.newBuilder()).maskedPaths()).isEmpty();
    assertThat(of(LinuxContainerSecurityContext.newBuilder().addMaskedPaths("/proc/x"))
            .maskedPaths())
        .containsExactly("/proc/x");
    assertThat(
            of(LinuxContainerSecurityContext.newBuilder().setPrivileged(true)).maskedPaths())
        .isNull();
    assertThat(ContainerSecurity.none().maskedPaths()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'',seccomp=unconfined",
    "unconfined,seccomp=unconfined",
    "runtime/default,",
    "docker/default,",
    "localhost//profiles/good.json,'seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}'"
  })
  void seccompByText(String path, String option) throws IOException {
    List<String> options = of(LinuxContainerSecurityContext.newBuilder()
            .setSeccompProfilePath(path))
        .securityOpt();
    assertThat(options).isEqualTo(option == null ? List.of() : List.of(option));
  }

  @Test
  void seccompByProfile() throws IOException {
    var localhost = LinuxContainerSecurityContext.newBuilder()
        .setSeccomp(profile(ProfileType.Localhost, "/profiles/good.json"))
        .setSeccompProfilePath("unconfined");
    assertThat(of(localhost).securityOpt())
        .containsExactly("seccomp={\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
    assertThat(of(localhost.setPrivileged(true)).securityOpt()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "relative.json", "/profiles/../x", "/profiles/bad.json"})
  void aSeccompProfileThatCannotBeIsRefused(String ref) {
    var context =
        LinuxContainerSecurityContext.newBuilder().setSeccomp(profile(ProfileType.Localhost, ref));
    assertThatThrownBy(() -> of(context))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("seccomp");
  }

  @Test
  void aMissingSeccompProfileIsNamed() {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setSeccomp(profile(ProfileType.Localhost, "/profiles/none.json"));
    assertThatThrownBy(() -> of(context))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/profiles/none.json");
  }

  @ParameterizedTest
  @CsvSource({
    "'',",
    "runtime/default,",
    "unconfined,apparmor=unconfined",
    "localhost/mine,apparmor=mine"
  })
  void apparmorByText(String text, String option) throws IOException {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setSeccompProfilePath("runtime/default")
        .setApparmorProfile(text);
    assertThat(of(context).securityOpt()).isEqualTo(option == null ? List.of() : List.of(option));
  }

  @Test
  void theNewApparmorFieldWins() throws IOException {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setSeccompProfilePath("runtime/default")
        .setApparmor(profile(ProfileType.Localhost, "new"))
        .setApparmorProfile("localhost/old");
    assertThat(of(context).securityOpt()).containsExactly("apparmor=new");
  }

  @ParameterizedTest
  @CsvSource({
    "N, mine (enforce), cannot be enforced: AppArmor is not enabled",
    ", mine (enforce), cannot be enforced: AppArmor is not enabled",
    "Y, mine too (enforce), '\"mine\" is not loaded on this host: load it with apparmor_parser'"
  })
  void anApparmorProfileThatTheKernelLacksIsRefused(String enabled, String loaded, String message) {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setSeccompProfilePath("runtime/default")
        .setApparmorProfile("localhost/mine");
    assertThatThrownBy(() -> ContainerSecurity.of(context.build(), kernel(enabled, loaded)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anApparmorListThatCannotBeReadIsLeftToTheEngine() throws IOException {
    var context = LinuxContainerSecurityContext.newBuilder()
        .setSeccompProfilePath("runtime/default")
        .setApparmorProfile("localhost/mine");
    assertThat(ContainerSecurity.of(context.build(), kernel("Y", null)).securityOpt())
        .containsExactly("apparmor=mine");
    context.setApparmorProfile("localhost/docker-default");
    assertThat(ContainerSecurity.of(context.build(), kernel("Y", "")).securityOpt())
        .containsExactly("apparmor=docker-default");
  }

  private static SeccompProfile kernel(@Nullable String enabled, @Nullable String loaded) {
    return new SeccompProfile(path -> {
      String text = path.endsWith("enabled") ? enabled : loaded;
      if (text == null) {
        throw new NoSuchFileException(path.toString());
      }
      return text.getBytes(StandardCharsets.UTF_8);
    });
  }

  @Test
  void aSandboxIsNeverPrivileged() {
    ContainerSecurity security = ContainerSecurity.of(LinuxSandboxSecurityContext.newBuilder()
        .setPrivileged(true)
        .setRunAsUser(Int64Value.newBuilder().setValue(3))
        .build());
    assertThat(security.privileged()).isFalse();
    assertThat(security.user()).isEqualTo("3");
    assertThat(security.securityOpt()).containsExactly("no-new-privileges");
  }

  private ContainerSecurity of(LinuxContainerSecurityContext.Builder context) throws IOException {
    return ContainerSecurity.of(context.build(), profiles);
  }

  private static SecurityProfile profile(ProfileType type, String ref) {
    return SecurityProfile.newBuilder()
        .setProfileType(type)
        .setLocalhostRef(ref)
        .build();
  }
}
