package dev.jubelet.dockershim.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForwardRulesTest {
  @Test
  void theChainHoldsTwoNarrowRulesForEachLink() {
    assertThat(ForwardRules.chainText("J", Set.of("cni0"))).isEqualTo("""
        *filter
        :J - [0:0]
        -A J -i cni0 -m comment --comment "jubelet: from pods" -j ACCEPT
        -A J -o cni0 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment \
        "jubelet: answers and host ports" -j ACCEPT
        COMMIT
        """);
  }

  @Test
  void theJumpIsLast() {
    List<String> docker = List.of(
        "-P FORWARD DROP", "-A FORWARD -j DOCKER-USER", "-A FORWARD -i docker0 -j ACCEPT", "");

    assertThat(ForwardRules.jump("J", docker)).containsExactly("-A", "FORWARD", "-j", "J");
  }

  @Test
  void butBeforeARuleThatRefusesEverything() {
    List<String> rules = List.of(
        "-P FORWARD ACCEPT",
        "-A FORWARD -i docker0 -j DROP",
        "-A FORWARD -j REJECT --reject-with icmp-host-prohibited",
        "-A FORWARD -j DROP");

    assertThat(ForwardRules.jump("J", rules)).containsExactly("-I", "FORWARD", "2", "-j", "J");
  }
}
