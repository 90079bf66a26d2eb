package dev.jubelet.dockershim.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jubelet.cri.v1.Signal;
import org.junit.jupiter.api.Test;

class StopSignalTest {
  @Test
  void dockerWritesASignalInManyWays() {
    assertThat(StopSignal.cri("SIGQUIT")).isEqualTo(Signal.SIGQUIT);
    assertThat(StopSignal.cri("quit")).isEqualTo(Signal.SIGQUIT);
    assertThat(StopSignal.cri("3")).isEqualTo(Signal.SIGQUIT);
    assertThat(StopSignal.cri("SIGRTMIN+3")).isEqualTo(Signal.SIGRTMINPLUS3);
    assertThat(StopSignal.cri("RTMAX-2")).isEqualTo(Signal.SIGRTMAXMINUS2);
    assertThat(StopSignal.cri("")).as("Docker's own").isEqualTo(Signal.SIGTERM);
    assertThat(StopSignal.cri("37")).isEqualTo(Signal.RUNTIME_DEFAULT);
    assertThat(StopSignal.cri("nonsense")).isEqualTo(Signal.RUNTIME_DEFAULT);
  }

  @Test
  void everySignalComesBackAsItWasGiven() {
    for (Signal signal : Signal.values()) {
      if (signal != Signal.UNRECOGNIZED && signal != Signal.RUNTIME_DEFAULT) {
        assertThat(StopSignal.cri(String.valueOf(StopSignal.docker(signal)))).isEqualTo(signal);
      }
    }
    assertThat(StopSignal.docker(Signal.RUNTIME_DEFAULT)).isNull();
  }
}
