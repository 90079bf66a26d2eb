package dev.jubelet.dockershim.network;

import dev.jubelet.dockershim.network.PodNetwork.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The sockets of the host's network namespace, from `/proc/net`, and the processes that hold them.
final class ListeningSockets {
  private static final String TCP_LISTEN = "0A";
  private static final String UDP_UNCONNECTED = "07";

  private final Path proc;

  ListeningSockets(Path proc) {
    this.proc = proc;
  }

  /// Which process receives what comes to this port, for example `nginx (pid 812)`; empty when none
  /// does. SCTP is not looked at.
  Optional<String> owner(HostPort port) throws NetworkException {
    String protocol = port.protocol().toLowerCase(Locale.ROOT);
    String state = protocol.equals("tcp") ? TCP_LISTEN : UDP_UNCONNECTED;
    if (!protocol.equals("tcp") && !protocol.equals("udp")) {
      return Optional.empty();
    }
    for (String table : List.of(protocol, protocol + "6")) {
      for (String line : lines(proc.resolve("net/" + table))) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 9 && fields[3].equals(state) && takes(fields[1], port)) {
          return Optional.of(process(fields[9]));
        }
      }
    }
    return Optional.empty();
  }

  /// `local` is `<address in hex, words little-endian>:<port in hex>`.
  private static boolean takes(String local, HostPort port) {
    int colon = local.indexOf(':');
    if (Integer.parseInt(local.substring(colon + 1), 16) != port.hostPort()) {
      return false;
    }
    byte[] address = address(local.substring(0, colon));
    boolean any = true;
    for (byte b : address) {
      any &= b == 0;
    }
    if (any || HostPorts.everywhere(port.hostIp())) {
      return true;
    }
    try {
      InetAddress listening = InetAddress.getByAddress(address);
      return listening.equals(InetAddress.ofLiteral(port.hostIp()));
    } catch (UnknownHostException | IllegalArgumentException _) {
      return false;
    }
  }

  private static byte[] address(String hex) {
    ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
    ByteBuffer address = ByteBuffer.allocate(words.capacity());
    while (words.hasRemaining()) {
      address.putInt(words.order(ByteOrder.LITTLE_ENDIAN).getInt());
    }
    return address.array();
  }

  private String process(String inode) {
    String wanted = "socket:[" + inode + "]";
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        if (holds(process, wanted)) {
          String name = Files.readString(process.resolve("comm")).strip();
          return name + " (pid " + process.getFileName() + ")";
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      // It went while we looked; the port was taken all the same.
    }
    return "a process that cannot be seen from here (socket " + inode + ")";
  }

  private static boolean holds(Path process, String wanted) {
    try (DirectoryStream<Path> fds = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path fd : fds) {
        if (Files.readSymbolicLink(fd).toString().equals(wanted)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      return false;
    }
    return false;
  }

  private static List<String> lines(Path table) throws NetworkException {
    try {
      if (!Files.exists(table)) {
        return List.of(); // without IPv6
      }
      List<String> lines = Files.readAllLines(table);
      return lines.subList(Math.min(1, lines.size()), lines.size());
    } catch (IOException e) {
      throw new NetworkException("cannot read " + table + ": " + e.getMessage(), e);
    }
  }
}
