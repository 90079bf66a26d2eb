package dev.jubelet.dockershim.docker;

import dev.jubelet.dockershim.docker.DockerApi.ExecStreams;
import java.io.IOException;
import java.io.OutputStream;

/// An exec's connection after the engine gave up HTTP on it.
final class HijackedExec implements ExecStreams {
  private final EngineWire.Opened opened;
  private final boolean tty;
  private final OutputStream stdin;

  HijackedExec(EngineWire.Opened opened, boolean tty) {
    this.opened = opened;
    this.tty = tty;
    this.stdin = new Stdin(opened.connection);
  }

  @Override
  public OutputStream stdin() {
    return stdin;
  }

  @Override
  public void copyOutput(OutputStream stdout, OutputStream stderr) throws IOException {
    if (tty) {
      Frames.copyRaw(opened.raw(), stdout);
    } else {
      Frames.copy(opened.raw(), stdout, stderr);
    }
  }

  @Override
  public void close() {
    opened.close();
  }

  /// Writes through; closing it half-closes the connection, so that the process reads its end.
  private static final class Stdin extends OutputStream {
    private final HttpConnection connection;

    Stdin(HttpConnection connection) {
      this.connection = connection;
    }

    @Override
    public void write(int b) throws IOException {
      connection.write(new byte[] {(byte) b});
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      connection.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      connection.shutdownOutput();
    }
  }
}
