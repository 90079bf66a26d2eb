package dev.jubelet.trace;

import dev.jubelet.trace.local.v1.OpenStep;
import dev.jubelet.trace.local.v1.SpanRecord;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.ReadableSpan;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Spans by pod. A trace belongs to the pod whose uid any of its spans carries; until one does it
/// waits in a small anteroom. A root that carries the uid ([Recorder#podStart]), or a RunPodSandbox
/// call of a trace not seen before (a foreign kubelet's), begins a new start of that pod.
final class BoundedSpanStore implements SpanStore {
  private static final AttributeKey<String> UID = AttributeKey.stringKey(Traces.POD_UID);
  private static final String NEW_SANDBOX = "RunPodSandbox";

  /// Traces whose pod is not known yet.
  private static final int MAX_WAITING = 256;

  private final int maxPods;
  private final int maxGone;
  private final int maxSpansPerPod;

  /// By pod uid, the pod that started longest ago first.
  private final Map<String, PodSpans> pods = new LinkedHashMap<>();

  private final Map<String, String> uidOfTrace = new HashMap<>();
  private final Map<String, Set<String>> tracesOfUid = new HashMap<>();
  private final Map<String, PodSpans> waiting = new LinkedHashMap<>();
  private final Set<String> gone = new LinkedHashSet<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  BoundedSpanStore(int maxPods, int maxSpansPerPod) {
    if (maxPods < 1 || maxSpansPerPod < 1) {
      throw new IllegalArgumentException("a store holds at least one span of one pod");
    }
    this.maxPods = maxPods;
    this.maxGone = Math.max(1, maxPods / 4);
    this.maxSpansPerPod = maxSpansPerPod;
  }

  void begin(ReadableSpan span) {
    synchronized (this) {
      home(span).begin(span);
    }
    listeners.forEach(Runnable::run);
  }

  void end(ReadableSpan span) {
    synchronized (this) {
      home(span).end(span);
      if (!span.getParentSpanContext().isValid() || span.getParentSpanContext().isRemote()) {
        waiting.remove(span.getSpanContext().getTraceId());
      }
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public synchronized List<SpanRecord> spansOf(String podUid) {
    PodSpans spans = pods.get(podUid);
    return spans == null ? List.of() : spans.tree();
  }

  @Override
  public synchronized List<OpenStep> openSteps(String podUid) {
    PodSpans spans = pods.get(podUid);
    return spans == null ? List.of() : spans.openSteps();
  }

  @Override
  public synchronized void podGone(String podUid) {
    if (pods.containsKey(podUid)) {
      gone.remove(podUid);
      gone.add(podUid);
    }
    if (gone.size() > maxGone) {
      forget(gone.iterator().next());
    }
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /// Where this span belongs, by its own uid, by its trace's, or in the anteroom.
  private PodSpans home(ReadableSpan span) {
    String trace = span.getSpanContext().getTraceId();
    String uid = span.getAttribute(UID);
    if (uid != null && !uid.isEmpty() && !uid.equals(uidOfTrace.get(trace))) {
      return settle(trace, uid, beginsAnew(span));
    }
    String known = uidOfTrace.get(trace);
    PodSpans spans = known == null ? null : pods.get(known);
    return spans == null ? anteroom(trace) : spans;
  }

  private static boolean beginsAnew(ReadableSpan span) {
    return span.getName().equals(NEW_SANDBOX) || span.getName().equals("pod start");
  }

  private PodSpans settle(String trace, String uid, boolean anew) {
    if (anew) {
      forget(uid);
    }
    PodSpans spans = pods.get(uid);
    if (spans == null) {
      makeRoom();
      spans = new PodSpans(maxSpansPerPod);
      pods.put(uid, spans);
    }
    gone.remove(uid);
    PodSpans earlier = waiting.remove(trace);
    if (earlier != null) {
      spans.adopt(earlier);
    }
    uidOfTrace.put(trace, uid);
    remember(uid, trace);
    return spans;
  }

  /// A pod of a foreign kubelet sends each call as a trace of its own; only the latest keep
  /// growing.
  private void remember(String uid, String trace) {
    Set<String> traces = tracesOfUid.computeIfAbsent(uid, _ -> new LinkedHashSet<>());
    traces.add(trace);
    if (traces.size() > maxSpansPerPod) {
      Iterator<String> oldest = traces.iterator();
      uidOfTrace.remove(oldest.next());
      oldest.remove();
    }
  }

  private PodSpans anteroom(String trace) {
    @Nullable PodSpans spans = waiting.get(trace);
    if (spans == null) {
      if (waiting.size() >= MAX_WAITING) {
        Iterator<String> oldest = waiting.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      spans = new PodSpans(maxSpansPerPod);
      waiting.put(trace, spans);
    }
    return spans;
  }

  private void makeRoom() {
    while (pods.size() >= maxPods) {
      forget(gone.isEmpty() ? pods.keySet().iterator().next() : gone.iterator().next());
    }
  }

  private void forget(String uid) {
    pods.remove(uid);
    gone.remove(uid);
    Set<String> traces = tracesOfUid.remove(uid);
    if (traces != null) {
      traces.forEach(uidOfTrace::remove);
    }
  }
}
