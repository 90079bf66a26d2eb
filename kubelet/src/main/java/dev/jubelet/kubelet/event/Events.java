package dev.jubelet.kubelet.event;

import dev.jubelet.kubelet.cri.PodId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What happened to pods, as `kubectl describe` shows it: a bounded ring per pod in which equal
/// events are counted, and a line in the log.
public final class Events {
  private static final Logger log = LoggerFactory.getLogger(Events.class);
  private static final int PER_POD = 50;
  private static final int PODS = 1000;

  private final Clock clock;
  private final Map<String, List<Event>> byPod = new LinkedHashMap<>(16, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<String, List<Event>> eldest) {
      return size() > PODS;
    }
  };

  public Events(Clock clock) {
    this.clock = clock;
  }

  /// @param fieldPath for example `spec.containers{web}`; empty for the pod itself
  public record Event(
      boolean warning,
      String reason,
      String fieldPath,
      String message,
      Instant first,
      Instant last,
      int count) {
    /// `Normal` or `Warning`.
    public String type() {
      return warning ? "Warning" : "Normal";
    }

    private boolean sameAs(boolean otherWarning, String otherReason, String path, String text) {
      return warning == otherWarning
          && reason.equals(otherReason)
          && fieldPath.equals(path)
          && message.equals(text);
    }
  }

  public static String containerPath(String name) {
    return "spec.containers{" + name + "}";
  }

  public static String initContainerPath(String name) {
    return "spec.initContainers{" + name + "}";
  }

  public void normal(PodId pod, String reason, String fieldPath, String message) {
    record(pod, false, reason, fieldPath, message);
  }

  public void warning(PodId pod, String reason, String fieldPath, String message) {
    record(pod, true, reason, fieldPath, message);
  }

  /// Newest last; empty for a pod that nothing is known of.
  public List<Event> of(String uid) {
    synchronized (byPod) {
      return List.copyOf(byPod.getOrDefault(uid, List.of()));
    }
  }

  private void record(PodId pod, boolean warning, String reason, String path, String message) {
    Event event = count(pod, warning, reason, path, message);
    if (Integer.bitCount(event.count) == 1) {
      log.info(
          "Event occurred pod=\"{}\" fieldPath=\"{}\" type=\"{}\" reason=\"{}\" count={}"
              + " message=\"{}\"",
          pod,
          path,
          event.type(),
          reason,
          event.count,
          message);
    }
  }

  private Event count(PodId pod, boolean warning, String reason, String path, String message) {
    Instant now = clock.instant();
    synchronized (byPod) {
      List<Event> ring = byPod.computeIfAbsent(pod.uid(), _ -> new ArrayList<>());
      Event event = new Event(warning, reason, path, message, now, now, 1);
      for (Iterator<Event> all = ring.iterator(); all.hasNext(); ) {
        Event old = all.next();
        if (old.sameAs(warning, reason, path, message)) {
          all.remove();
          event = new Event(warning, reason, path, message, old.first, now, old.count + 1);
          break;
        }
      }
      ring.add(event);
      if (ring.size() > PER_POD) {
        ring.removeFirst();
      }
      return event;
    }
  }
}
