package dev.jubelet.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.trace.local.v1.SpanRecord;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecorderTest {
  private final Recorder recorder = new Recorder(3, 10);
  private final SpanStore store = recorder.store();

  @AfterEach
  void close() {
    recorder.close();
  }

  @Test
  void stepsBelowAPodsStartAreOneTree() {
    Instant since = Instant.parse("2026-11-01T00:00:00Z");
    Span root = recorder.podStart("u1", "default", "web", since);
    try (Scope _ = root.makeCurrent()) {
      recorder.run("step", "outer", () -> recorder.run("docker", "inner", () -> {}));
      recorder.past("wait", "queued", since, since.plusMillis(5));
    }
    root.end(since.plusSeconds(1));

    List<SpanRecord> spans = store.spansOf("u1");
    assertThat(spans)
        .extracting(SpanRecord::getName)
        .containsExactly("pod start", "queued", "outer", "inner");
    assertThat(spans.getFirst().getParentId()).isEmpty();
    assertThat(spans.get(3).getParentId()).isEqualTo(spans.get(2).getSpanId());
    assertThat(spans)
        .extracting(SpanRecord::getKind)
        .containsExactly("worker", "wait", "step", "docker");
    assertThat(spans.get(1).getEnd() - spans.get(1).getStart()).isEqualTo(5_000_000);
    assertThat(spans.getFirst().getAttributesMap()).containsEntry(Traces.POD_NAME, "web");
  }

  @Test
  void openSpansAreSeenWhileTheyLast() {
    Span root = recorder.podStart("u1", "default", "web", Instant.now());
    try (Scope _ = root.makeCurrent()) {
      recorder.run("step", "pull", () -> {
        Span.current().setAttribute(Traces.DETAIL, "busybox");
        assertThat(store.openSteps("u1")).singleElement().satisfies(step -> {
          assertThat(step.getName()).isEqualTo("pull");
          assertThat(step.getDetail()).isEqualTo("busybox");
        });
        assertThat(store.spansOf("u1").getLast().getEnd()).isZero();
      });
    }
    assertThat(store.openSteps("u1")).isEmpty();
    root.end();
  }

  @Test
  void aFailureIsKeptAndPassedOn() {
    Span root = recorder.podStart("u1", "default", "web", Instant.now());
    try (Scope _ = root.makeCurrent()) {
      assertThatThrownBy(() -> recorder.in("cni", "ADD", () -> {
            throw new IOException("no such plugin");
          }))
          .isInstanceOf(IOException.class);
    }
    root.end();
    assertThat(store.spansOf("u1").getLast().getError()).isEqualTo("no such plugin");
  }

  @Test
  void aNewStartReplacesTheFormerOne() {
    recorder.podStart("u1", "default", "web", Instant.EPOCH).end();
    recorder.podStart("u1", "default", "web", Instant.EPOCH.plusSeconds(9)).end();
    assertThat(store.spansOf("u1"))
        .singleElement()
        .satisfies(s -> assertThat(s.getStart()).isEqualTo(9_000_000_000L));
  }

  @Test
  void callsOfAForeignKubeletStandBelowOneMadeUpRoot() {
    for (String call : List.of("RunPodSandbox", "CreateContainer", "StartContainer")) {
      Span span = recorder.tracer().spanBuilder(call).setParent(Context.root()).startSpan();
      try (Scope _ = span.makeCurrent()) {
        recorder.run("docker", "POST " + call, () -> {});
        span.setAttribute(Traces.POD_UID, "u1"); // learnt late, as for StartContainer
      }
      span.end();
    }
    List<SpanRecord> spans = store.spansOf("u1");
    assertThat(spans).hasSize(7);
    SpanRecord root = spans.getFirst();
    assertThat(root.getName()).isEqualTo("pod start");
    assertThat(root.getStart()).isEqualTo(spans.get(1).getStart());
    assertThat(root.getEnd()).isGreaterThanOrEqualTo(spans.getLast().getEnd());
    assertThat(spans)
        .filteredOn(s -> s.getParentId().equals(root.getSpanId()))
        .extracting(SpanRecord::getName)
        .containsExactly("RunPodSandbox", "CreateContainer", "StartContainer");
  }

  @Test
  void aNewSandboxOfAForeignKubeletBeginsAnew() {
    for (int i = 0; i < 2; i++) {
      Span span = recorder
          .tracer()
          .spanBuilder("RunPodSandbox")
          .setParent(Context.root())
          .setAttribute(Traces.POD_UID, "u1")
          .startSpan();
      span.end();
    }
    assertThat(store.spansOf("u1")).hasSize(1);
  }

  @Test
  void spansOfOnePodAreBoundedAndCounted() {
    Span root = recorder.podStart("u1", "default", "web", Instant.now());
    try (Scope _ = root.makeCurrent()) {
      for (int i = 0; i < 20; i++) {
        recorder.run("step", "s" + i, () -> {});
      }
    }
    root.end();
    assertThat(store.spansOf("u1")).hasSize(10);
    assertThat(store.spansOf("u1").getFirst().getAttributesMap())
        .containsEntry("jubelet.dropped_spans", "11");
  }

  @Test
  void theOldestPodGoesFirstAndOneThatIsGoneBeforeIt() {
    for (String uid : List.of("a", "b", "c")) {
      recorder.podStart(uid, "default", uid, Instant.now()).end();
    }
    store.podGone("b");
    assertThat(store.spansOf("b")).isNotEmpty();
    recorder.podStart("d", "default", "d", Instant.now()).end();
    assertThat(store.spansOf("b")).isEmpty();
    recorder.podStart("e", "default", "e", Instant.now()).end();
    assertThat(store.spansOf("a")).isEmpty();
    assertThat(store.spansOf("c")).isNotEmpty();
  }

  @Test
  void listenersHearOfBeginAndEnd() {
    AtomicInteger heard = new AtomicInteger();
    store.onChange(heard::incrementAndGet);
    recorder.podStart("a", "default", "a", Instant.now()).end();
    assertThat(heard).hasValue(2);
  }

  @Test
  void tracesWithoutAPodLeaveNothing() {
    for (int i = 0; i < 1000; i++) {
      recorder.run("rpc", "Version", () -> {});
    }
    assertThat(store.spansOf("")).isEmpty();
  }

  @Test
  void aHookIsToldBeforeAndAfterAStepAndNotAfterOneThatFailed() {
    List<String> told = new ArrayList<>();
    StepHook hook = (kind, name, edge) -> told.add(edge + " " + kind + "/" + name);
    try (Recorder hooked = new Recorder(1, 10, hook)) {
      hooked.run("step", "outer", () -> hooked.begin("cni", "ADD").end(Optional.empty()));
      hooked.begin("cni", "DEL").end(Optional.of(new IOException("no such plugin")));
    }
    assertThat(told)
        .containsExactly(
            "BEFORE step/outer",
            "BEFORE cni/ADD",
            "AFTER cni/ADD",
            "AFTER step/outer",
            "BEFORE cni/DEL");
  }

  @Test
  void aStepThatItsHookFailsIsAFailedStep() {
    StepHook hook = (_, name, edge) -> {
      if (name.equals("second") && edge == StepHook.Edge.AFTER) {
        throw new IllegalStateException("asked to");
      }
    };
    try (Recorder hooked = new Recorder(1, 10, hook)) {
      Span root = hooked.podStart("u1", "default", "web", Instant.now());
      try (Scope _ = root.makeCurrent()) {
        hooked.run("step", "first", () -> {});
        assertThatThrownBy(() -> hooked.run("step", "second", () -> {})).hasMessage("asked to");
      }
      root.end();
      assertThat(hooked.store().spansOf("u1"))
          .extracting(SpanRecord::getError)
          .containsExactly("", "", "asked to");
    }
  }

  @Test
  void nobodyIsToldWhereNothingIsProvided() {
    assertThat(StepHook.provided()).isSameAs(StepHook.NONE);
  }
}
