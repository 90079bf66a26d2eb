package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Optional;

/// A container whose output nobody keeps: one line that says why, once.
final class SilentSource implements LogSource {
  private final String reason;
  private String time = Instant.now().toString();
  private boolean told;
  private byte[] line = {};

  private SilentSource(String reason, boolean told) {
    this.reason = reason;
    this.told = told;
  }

  static Opener of(String driver) {
    String reason = "no output is shown: the engine's log driver \"" + driver
        + "\" keeps nothing; set log-driver in daemon.json to json-file, or to one that ships it";
    return new Opener() {
      @Override
      public LogSource resume(Optional<LogCheckpoint> saved) {
        return new SilentSource(reason, saved.filter(s -> s.length() > 0).isPresent());
      }

      @Override
      public LogSource fromEnd() {
        return new SilentSource(reason, false);
      }
    };
  }

  @Override
  public boolean step() {
    if (!told) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Marker.appendTo(out, time, reason);
      line = out.toByteArray();
      told = true;
    }
    return false;
  }

  @Override
  public byte[] take() {
    byte[] taken = line;
    line = new byte[0];
    return taken;
  }

  @Override
  public long read() {
    return 0;
  }

  @Override
  public boolean complete() {
    return true;
  }

  @Override
  public boolean tookTurn() {
    return false;
  }

  @Override
  public Optional<LogCheckpoint> checkpoint(boolean due, FileId destination, long length) {
    return due ? Optional.of(LogCheckpoint.since(null, destination, length)) : Optional.empty();
  }

  @Override
  public boolean broken() {
    return false;
  }

  @Override
  public void restart(Optional<LogCheckpoint> saved) {
    throw new IllegalStateException("there is no place to go on from");
  }

  @Override
  public void lastWas(Instant last) {
    time = last.toString();
  }

  @Override
  public void skipUntil(Instant last) {
    told = true;
  }

  @Override
  public void close() {}
}
