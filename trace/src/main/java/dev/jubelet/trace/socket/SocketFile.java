package dev.jubelet.trace.socket;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The file of a listening unix socket. It is bound in a private directory, given its mode, and
/// only
/// then renamed to where clients look, so that nobody can connect under the umask's mode. Removing
/// takes the file away only while it still is ours.
public final class SocketFile implements AutoCloseable {

  /// Linux holds the path in 108 bytes with its final zero.
  private static final int MAX_PATH_BYTES = 107;

  private final Path published;
  private final Object identity;

  private SocketFile(Path published, Object identity) {
    this.published = published;
    this.identity = identity;
  }

  /// Binds the socket at the private path it is given.
  public interface Binder {
    void bind(Path privatePath) throws IOException;
  }

  /// Publishes a socket at `target` with the permission bits `mode`, replacing the file that a dead
  /// process left. Throws when a living one serves it.
  public static SocketFile publish(Path target, int mode, Binder binder) throws IOException {
    return publish(target, mode, null, binder);
  }

  /// As above; the file belongs to `group` where the host has such a group.
  public static SocketFile publish(Path target, int mode, @Nullable String group, Binder binder)
      throws IOException {
    Path absolute = target.toAbsolutePath();
    requireShort(absolute);
    Path parent = Objects.requireNonNull(absolute.getParent(), "a socket has a directory");
    Files.createDirectories(parent);
    refuseLiving(absolute);
    Path directory = Files.createTempDirectory(
        parent,
        ".s",
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path bound = directory.resolve("s");
    try {
      requireShort(bound);
      binder.bind(bound);
      Files.setPosixFilePermissions(bound, permissions(mode));
      giveTo(group, bound);
      Object identity = identityOf(bound);
      Files.move(bound, absolute, StandardCopyOption.ATOMIC_MOVE);
      return new SocketFile(absolute, identity);
    } finally {
      Files.deleteIfExists(bound);
      Files.deleteIfExists(directory);
    }
  }

  /// True when a process accepts connections at `path`.
  public static boolean answers(Path path) {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  public Path path() {
    return published;
  }

  @Override
  public void close() throws IOException {
    try {
      if (identity.equals(identityOf(published))) {
        Files.deleteIfExists(published);
      }
    } catch (NoSuchFileException e) {
      // somebody removed it before us: that is what we want
    }
  }

  private static void refuseLiving(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.isDirectory(path) || Files.isRegularFile(path)) {
      throw new FileSystemException(
          path.toString(), null, "is not a socket, choose another path or remove it");
    }
    if (answers(path)) {
      throw new FileSystemException(
          path.toString(), null, "is served by another process, end it or choose another socket");
    }
  }

  private static void requireShort(Path path) throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new FileSystemException(
          path.toString(), null, "is too long for a unix socket (107 bytes), choose a shorter one");
    }
  }

  private static void giveTo(@Nullable String group, Path path) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    if (group == null || view == null) {
      return;
    }
    try {
      view.setGroup(
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
    } catch (UserPrincipalNotFoundException e) {
      // a host without that group keeps the process's own
    }
  }

  private static Object identityOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    PosixFilePermission[] all = PosixFilePermission.values();
    Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < all.length; bit++) {
      if ((mode & (0400 >> bit)) != 0) {
        set.add(all[bit]);
      }
    }
    return set;
  }
}
