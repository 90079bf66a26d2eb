package dev.jubelet.kubelet.volume;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes a directory that a container could write to: relative to open directories, never
/// through a symbolic link (CVE-2017-1002102), never into another file system, and with few open
/// files however deep the container nested it.
final class TreeRemoval {
  private static final Logger LOG = LoggerFactory.getLogger(TreeRemoval.class);
  private static final int MAX_DEPTH = 32;

  private final SecureDirectoryStream<Path> top;
  private final @Nullable String device;
  private final Deque<Path> lifted = new ArrayDeque<>();
  private long names = System.nanoTime();

  private TreeRemoval(SecureDirectoryStream<Path> top, @Nullable String device) {
    this.top = top;
    this.device = device;
  }

  /// Does nothing when it is not there.
  static void remove(Path directory) throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes =
          Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!attributes.isDirectory()) {
      throw new NotDirectoryException(directory.toString());
    }
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      if (!(stream instanceof SecureDirectoryStream<Path> secure)) {
        throw new IOException(directory + ": this file system has no safe removal");
      }
      new TreeRemoval(secure, device(attributes)).run();
    }
    Files.deleteIfExists(directory);
  }

  private void run() throws IOException {
    empty(top, 0);
    while (!lifted.isEmpty()) {
      removeLifted(lifted.removeFirst());
    }
  }

  // the walk over the top may have met and removed it already
  private void removeLifted(Path name) throws IOException {
    try {
      removeDirectory(top, name, 0);
    } catch (NoSuchFileException e) {
      LOG.trace("{} is gone", name, e);
    }
  }

  private void empty(SecureDirectoryStream<Path> directory, int depth) throws IOException {
    for (Path entry : directory) {
      Path name = entry.getFileName();
      BasicFileAttributes attributes = directory
          .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes();
      if (!attributes.isDirectory()) {
        directory.deleteFile(name);
      } else if (depth < MAX_DEPTH) {
        refuseOtherDevice(entry, attributes);
        removeDirectory(directory, name, depth + 1);
      } else {
        Path flat = Path.of(".removing-" + names++);
        directory.move(name, top, flat);
        lifted.add(flat);
      }
    }
  }

  private void removeDirectory(SecureDirectoryStream<Path> parent, Path name, int depth)
      throws IOException {
    try (SecureDirectoryStream<Path> child =
        parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
      empty(child, depth);
    }
    parent.deleteDirectory(name);
  }

  private void refuseOtherDevice(Path entry, BasicFileAttributes attributes) throws IOException {
    if (device != null && !device.equals(device(attributes))) {
      throw new IOException(entry + " is another file system, unmount it first");
    }
  }

  // a file key reads (dev=801,ino=42)
  private static @Nullable String device(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    return key == null ? null : key.toString().split(",", 2)[0];
  }
}
