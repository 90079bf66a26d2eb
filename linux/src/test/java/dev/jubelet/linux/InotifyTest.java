package dev.jubelet.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jubelet.linux.Inotify.Event;
import dev.jubelet.linux.Inotify.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InotifyTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir
  Path dir;

  private Inotify inotify;

  @BeforeEach
  void open() throws Exception {
    inotify = new Inotify();
  }

  @AfterEach
  void close() {
    inotify.close();
  }

  private List<Event> now() throws Exception {
    return new ArrayList<>(inotify.take(Duration.ZERO));
  }

  @Test
  void tellsWhatHappensInADirectory() throws Exception {
    inotify.watch(dir);
    Files.writeString(dir.resolve("a"), "x");
    Files.move(dir.resolve("a"), dir.resolve("b"));
    Files.delete(dir.resolve("b"));
    assertThat(now())
        .containsExactly(
            new Event(dir, "a", Set.of(Kind.CREATED)),
            new Event(dir, "a", Set.of(Kind.WRITTEN_AND_CLOSED)),
            new Event(dir, "a", Set.of(Kind.MOVED_FROM)),
            new Event(dir, "b", Set.of(Kind.MOVED_TO)),
            new Event(dir, "b", Set.of(Kind.DELETED)));
  }

  @Test
  void tellsWhatHappensToAFile() throws Exception {
    Path file = Files.writeString(dir.resolve("log"), "x");
    inotify.watch(file, Set.of(Kind.MODIFIED, Kind.SELF_MOVED));
    Files.writeString(file, "y", StandardOpenOption.APPEND);
    Files.move(file, dir.resolve("log.1"));
    assertThat(now())
        .containsExactly(
            new Event(file, "", Set.of(Kind.MODIFIED)),
            new Event(file, "", Set.of(Kind.SELF_MOVED)));
  }

  @Test
  void anEndedWatchTellsNothing() throws Exception {
    inotify.watch(dir);
    inotify.unwatch(dir);
    inotify.unwatch(dir);
    Files.writeString(dir.resolve("a"), "x");
    assertThat(now()).isEmpty();
  }

  @Test
  void aDeletedDirectoryIsGoneAndCanBeWatchedAgain() throws Exception {
    Path sub = Files.createDirectory(dir.resolve("sub"));
    inotify.watch(sub);
    Files.delete(sub);
    assertThat(now())
        .containsExactly(
            new Event(sub, "", Set.of(Kind.SELF_DELETED)), new Event(sub, "", Set.of(Kind.GONE)));
    assertThatThrownBy(() -> inotify.watch(sub)).hasMessageContaining("ENOENT");
    Files.createDirectory(sub);
    inotify.watch(sub);
    Files.createDirectory(sub.resolve("new"));
    assertThat(now()).containsExactly(new Event(sub, "new", Set.of(Kind.CREATED)));
  }

  @Test
  void wakeEndsAWaitOnce() throws Exception {
    inotify.wake();
    assertThat(inotify.take(LONG)).isEmpty();
    Thread waker = Thread.ofPlatform().start(inotify::wake);
    assertThat(inotify.take(LONG)).isEmpty();
    waker.join();
  }

  @Test
  void afterCloseWakeDoesNothingAndWatchIsRefused() {
    inotify.close();
    inotify.wake();
    assertThatThrownBy(() -> inotify.watch(dir)).hasMessageContaining("closed");
  }
}
