package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PluginRulesTest {
  private static final String MARK =
      "-m comment --comment \"name: \\\"net\\\" id: \\\"%s\\\"\" -j %s";

  @Test
  void rulesGoWithTheChainsOfTheSandboxsOwn() {
    List<String> rules = List.of(
        "-P POSTROUTING ACCEPT",
        "-N CNI-1",
        "-N CNI-2",
        "-A POSTROUTING -s 10.0.0.2/32 " + MARK.formatted("abc", "CNI-1"),
        "-A POSTROUTING -s 10.0.0.3/32 " + MARK.formatted("def", "CNI-2"),
        "-A CNI-1 -d 10.0.0.0/24 " + MARK.formatted("abc", "ACCEPT"),
        "-A CNI-HOSTPORT-DNAT -p tcp " + MARK.formatted("abc", "CNI-DN-1"));
    assertThat(PluginRules.removal("abc", rules))
        .contains("""
            *nat
            -D POSTROUTING -s 10.0.0.2/32 %s
            -D CNI-HOSTPORT-DNAT -p tcp %s
            -F CNI-1
            -X CNI-1
            -F CNI-DN-1
            -X CNI-DN-1
            COMMIT
            """.formatted(MARK.formatted("abc", "CNI-1"), MARK.formatted("abc", "CNI-DN-1")));
  }

  @Test
  void nothingOfOthers() {
    List<String> rules = List.of("-A POSTROUTING " + MARK.formatted("abcd", "CNI-1"));
    assertThat(PluginRules.removal("abc", rules)).isEmpty();
    assertThat(PluginRules.removal("abc", List.of())).isEmpty();
  }
}
