package dev.jubelet.cli.run;

import dev.jubelet.cli.Terminal;
import dev.jubelet.cli.look.BrokenPipeException;
import dev.jubelet.cli.look.Output;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a person sees of a run: lines that stay, and on a terminal a block below them that is
/// drawn again and again. Progress goes to stderr, containers' output to stdout.
final class Screen {
  private final PrintStream progress;
  private final boolean live;
  private final int columns;
  private final int rows;
  private List<String> block = List.of();

  Screen(PrintStream progress, boolean live, int columns, int rows) {
    this.progress = progress;
    this.live = live;
    this.columns = columns;
    this.rows = rows;
  }

  static Screen ofProcess() {
    boolean live = Terminal.shows(2);
    PrintStream utf8 = new PrintStream(System.err, false, StandardCharsets.UTF_8);
    return new Screen(utf8, live, live ? Terminal.width(120) : 0, live ? Terminal.rows() : 0);
  }

  /// Whether there is a block at all.
  boolean live() {
    return live;
  }

  /// A line of ours that stays.
  void say(String line) {
    erase();
    progress.print(line + "\n");
    draw();
  }

  void say(List<String> lines) {
    erase();
    lines.forEach(line -> progress.print(line + "\n"));
    draw();
  }

  /// A container's line.
  void output(String prefix, byte[] text) throws BrokenPipeException {
    erase();
    Output.stdout(prefix, text);
    draw();
  }

  /// Draws these lines below everything, instead of the last ones; as many as fit.
  void block(List<String> lines) {
    if (!live || lines.equals(block)) {
      return;
    }
    erase();
    block = fitting(lines);
    draw();
  }

  private List<String> fitting(List<String> lines) {
    int most = Math.max(3, rows - 2);
    List<String> shown = new ArrayList<>();
    for (String line : lines.size() <= most ? lines : lines.subList(0, most - 1)) {
      shown.add(line.length() < columns ? line : line.substring(0, columns - 2) + "…");
    }
    if (lines.size() > most) {
      shown.add("… and " + (lines.size() - most + 1) + " more lines");
    }
    return shown;
  }

  private void erase() {
    if (!block.isEmpty()) {
      progress.print("\u001b[" + block.size() + "A\u001b[J"); // up, and clear what is below
      progress.flush();
    }
  }

  private void draw() {
    block.forEach(line -> progress.print(line + "\n"));
    progress.flush();
  }
}
