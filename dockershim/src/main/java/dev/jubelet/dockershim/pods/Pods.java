package dev.jubelet.dockershim.pods;

import dev.jubelet.dockershim.CriException;
import dev.jubelet.dockershim.docker.DockerApi.ContainerInspect;
import dev.jubelet.dockershim.docker.DockerException;
import dev.jubelet.dockershim.naming.Labels;
import dev.jubelet.dockershim.naming.Ownership;
import dev.jubelet.dockershim.naming.Ownership.Named;
import dev.jubelet.dockershim.state.ContainerState;
import dev.jubelet.dockershim.state.ContainerState.Seen;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The sandboxes and containers that are this shim's to show and to change; everything else on the
/// engine does not exist for the verbs.
public final class Pods {
  private static final Pattern FULL_ID = Pattern.compile("[0-9a-f]{64}");

  private final ContainerState state;
  private final Ownership ownership;
  // What the shim made is believed by its own labels alone, so one look at each state is enough.
  private final Map<String, Looked> looked = new ConcurrentHashMap<>();

  private record Looked(Seen seen, Member member) {}

  public Pods(ContainerState state, Ownership ownership) {
    this.state = state;
    this.ownership = ownership;
  }

  public List<Member> all() throws DockerException {
    List<Seen> seen = state.list();
    Map<String, Seen> byId =
        seen.stream().collect(Collectors.toMap(s -> s.inspect().id(), Function.identity()));
    looked.keySet().retainAll(byId.keySet());
    return seen.stream()
        .flatMap(s -> believe(s, id -> Optional.ofNullable(byId.get(id))).stream())
        .toList();
  }

  public List<Member> sandboxes() throws DockerException {
    return all().stream().filter(Member::isSandbox).toList();
  }

  public List<Member> containers() throws DockerException {
    return all().stream().filter(m -> !m.isSandbox()).toList();
  }

  /// Each as the engine tells it: one whose inspect is under way is waited for, where a list would
  /// give what it showed before. Who decides by this must not take a container that has just been
  /// started for one that was only created.
  public List<Member> containersOf(String sandboxId) throws DockerException {
    List<Member> told = new ArrayList<>();
    for (Seen listed : state.list()) {
      if (sandboxId.equals(listed.inspect().labels().get(Labels.SANDBOX_ID))) {
        get(listed.inspect().id()).filter(m -> !m.isSandbox()).ifPresent(told::add);
      }
    }
    return told;
  }

  /// By id or a unique beginning of one.
  ///
  /// @throws CriException INVALID_ARGUMENT when several ids begin so, or there is no id at all
  public Optional<Member> find(String id) throws DockerException {
    if (id.isEmpty()) {
      throw CriException.invalid("the id is empty");
    }
    if (FULL_ID.matcher(id).matches()) {
      return get(id);
    }
    List<Member> found = all().stream().filter(m -> m.id().startsWith(id)).toList();
    if (found.size() > 1) {
      throw CriException.invalid("id " + id + " is the beginning of " + found.size() + " ids");
    }
    return found.stream().findFirst();
  }

  /// @throws CriException NOT_FOUND
  public Member sandbox(String id) throws DockerException {
    return find(id)
        .filter(Member::isSandbox)
        .orElseThrow(() -> CriException.notFound("pod sandbox \"" + id + "\" not found"));
  }

  /// @throws CriException NOT_FOUND
  public Member container(String id) throws DockerException {
    return find(id)
        .filter(m -> !m.isSandbox())
        .orElseThrow(() -> CriException.notFound("container \"" + id + "\" not found"));
  }

  /// Whether the shim made it itself, as opposed to having adopted it.
  public boolean made(Member member) {
    return made(member.inspect());
  }

  /// What a change of the engine's shows, when it is one of ours.
  public Optional<Member> of(Seen seen) throws DockerException {
    Map<String, String> labels = seen.inspect().labels();
    String sandboxId = labels.getOrDefault(Labels.SANDBOX_ID, "");
    boolean alone = made(seen.inspect()) || sandboxId.isEmpty();
    Optional<Seen> sandbox = alone ? Optional.empty() : state.get(sandboxId);
    return believe(seen, id -> sandbox);
  }

  private boolean made(ContainerInspect inspect) {
    return ownership.made(inspect.name(), inspect.labels());
  }

  private Optional<Member> get(String id) throws DockerException {
    Optional<Seen> seen = state.get(id);
    return seen.isEmpty() ? Optional.empty() : of(seen.get());
  }

  @SuppressWarnings("ReferenceEquality") // the state hands out the same object until it reads anew
  private Optional<Member> believe(Seen seen, Function<String, Optional<Seen>> sandboxes) {
    String id = seen.inspect().id();
    Looked before = looked.get(id);
    if (before != null && before.seen == seen) {
      return Optional.of(before.member);
    }
    Optional<Member> member = ownership
        .believe(
            seen.inspect().name(),
            seen.inspect().labels(),
            sandbox -> sandboxes
                .apply(sandbox)
                .map(s -> new Named(s.inspect().name(), s.inspect().labels())))
        .map(name -> new Member(name, seen));
    if (member.isPresent() && made(seen.inspect())) {
      looked.put(id, new Looked(seen, member.get()));
    }
    return member;
  }
}
