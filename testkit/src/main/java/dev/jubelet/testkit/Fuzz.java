package dev.jubelet.testkit;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A bounded fuzz run of one reader of bytes: each file of its corpus, then a fixed number of
/// mutations of them, the same ones every time. A finding is an exception that the reader does not
/// document, any error (a stack or heap that is full), a call that does not end, and more allocated
/// memory than so many bytes for each byte of the input.
///
/// `-Djubelet.fuzz.inputs=N` tries more, `-Djubelet.fuzz.seed=S` begins elsewhere. What fails is
/// written to `target/fuzz`; once mended it belongs into the corpus, `src/test/corpus/<name>`.
public final class Fuzz {
  /// What is tried.
  @FunctionalInterface
  public interface Target {
    void take(byte[] input) throws Exception;
  }

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long FIRST = Long.getLong("jubelet.fuzz.seed", 20261126);
  private static final int MAX_INPUT = 64 << 10;
  private static final int STACK = 512 << 10; // as bin/jvm.options gives the agent's threads
  private static final long HANGS = 60_000_000_000L;

  private final String name;
  private final List<byte[]> corpus;
  private final List<byte[]> tokens = new ArrayList<>();
  private List<Class<? extends Exception>> documented = List.of();
  private int inputs = 1000;
  private long allocatedAtAll = 8 << 20;
  private long allocatedPerByte = 2000;

  private Fuzz(String name, List<byte[]> corpus) {
    this.name = name;
    this.corpus = corpus;
  }

  /// With the corpus of that name in the module that runs.
  public static Fuzz of(String name) throws IOException {
    Path directory = Path.of("src/test/corpus", name);
    List<byte[]> corpus = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        corpus.add(Files.readAllBytes(file));
      }
    }
    if (corpus.isEmpty()) {
      throw new IllegalStateException("no corpus in " + directory.toAbsolutePath());
    }
    return new Fuzz(name, corpus);
  }

  /// What the reader may throw.
  @SafeVarargs
  @SuppressWarnings("varargs")
  public final Fuzz throwing(Class<? extends Exception>... exceptions) {
    documented = List.of(exceptions);
    return this;
  }

  /// Words of the language, for mutations to use.
  public Fuzz tokens(String... words) {
    for (String word : words) {
      tokens.add(word.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  /// How many mutations, unless the property says otherwise.
  public Fuzz inputs(int count) {
    inputs = count;
    return this;
  }

  /// The most that one input may make the reader allocate, all in all.
  public Fuzz allocating(long atAll, long perByte) {
    allocatedAtAll = atAll;
    allocatedPerByte = perByte;
    return this;
  }

  /// Fails at the first finding, with how to see it again.
  public void run(Target target) throws InterruptedException {
    Run run = new Run(target);
    Thread thread =
        Thread.ofPlatform().daemon().stackSize(STACK).name("fuzz-" + name).start(run);
    while (!thread.join(java.time.Duration.ofMillis(200))) {
      if (System.nanoTime() - run.begun > HANGS) {
        AssertionError hangs = new AssertionError(run.described("does not end"));
        hangs.setStackTrace(thread.getStackTrace());
        thread.interrupt();
        throw hangs;
      }
    }
    if (run.finding != null) {
      throw run.finding;
    }
  }

  /// The input of a seed.
  byte[] input(long seed) {
    byte[] mutated = new Mutation(new Random(seed), corpus, tokens).next();
    return mutated.length <= MAX_INPUT ? mutated : java.util.Arrays.copyOf(mutated, MAX_INPUT);
  }

  /// Bytes that this thread allocated so far.
  public static long allocated() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private final class Run implements Runnable {
    private final Target target;
    private volatile long begun = System.nanoTime();
    private volatile byte[] input = {};
    private volatile String what = "";
    private volatile @Nullable AssertionError finding;

    Run(Target target) {
      this.target = target;
    }

    @Override
    public void run() {
      long count = Integer.getInteger("jubelet.fuzz.inputs", inputs);
      for (int i = 0; i < corpus.size() && finding == null; i++) {
        one("file " + (i + 1) + " of the corpus", corpus.get(i), Long.MAX_VALUE);
      }
      for (long seed = FIRST; seed < FIRST + count && finding == null; seed++) {
        byte[] bytes = Fuzz.this.input(seed);
        one("seed " + seed, bytes, allocatedAtAll + allocatedPerByte * bytes.length);
      }
    }

    /// The corpus runs first and loads classes, so its memory is not counted.
    private void one(String named, byte[] bytes, long mayAllocate) {
      what = named;
      input = bytes;
      begun = System.nanoTime();
      long before = allocated();
      try {
        target.take(bytes.clone());
      } catch (Throwable e) {
        if (documented.stream().noneMatch(d -> d.isInstance(e))) {
          finding = new AssertionError(described("ends in " + e), e);
        }
      }
      long took = allocated() - before;
      if (finding == null && took > mayAllocate) {
        finding = new AssertionError(
            described("allocates %d bytes, at most %d are fair".formatted(took, mayAllocate)));
      }
    }

    private String described(String problem) {
      boolean seeded = what.startsWith("seed ");
      String again =
          seeded ? "; again: -Djubelet.fuzz.inputs=1 -Djubelet.fuzz.seed=" + what.substring(5) : "";
      byte[] bytes = input;
      String shown = new String(bytes, 0, Math.min(200, bytes.length), StandardCharsets.ISO_8859_1)
          .replaceAll("\\P{Print}", ".");
      return "%s: %s (%d bytes, kept in %s) %s%s: %s"
          .formatted(name, what, bytes.length, keep(bytes), problem, again, shown);
    }

    private Path keep(byte[] bytes) {
      try {
        Path directory = Files.createDirectories(Path.of("target/fuzz"));
        String hash = HexFormat.of().toHexDigits(java.util.Arrays.hashCode(bytes));
        return Files.write(directory.resolve(name + "-" + hash), bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
