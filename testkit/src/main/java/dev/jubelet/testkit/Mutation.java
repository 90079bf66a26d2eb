package dev.jubelet.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Makes a wrong input of right ones: a few small steps, each of a kind that readers trip over.
final class Mutation {
  private static final List<byte[]> ODD = Stream.of(
          "0",
          "-1",
          "00",
          "2147483648",
          "9223372036854775807",
          "-9223372036854775808",
          "18446744073709551616",
          "1e999999999",
          "1e-999999999",
          "0.1",
          "null",
          "true",
          "[]",
          "{}",
          "\"\"",
          "[",
          "{",
          "\"",
          "\\ud800",
          "\\u0000",
          "\\",
          "../",
          "/",
          "\r\n",
          "\n",
          " ",
          "\t",
          "\0",
          "\uFEFF",
          "\u2028",
          ":",
          ",",
          "-",
          "%",
          "\uD83D\uDE00")
      .map(word -> word.getBytes(StandardCharsets.UTF_8))
      .toList();
  private static final byte[][] NOT_UTF_8 = {
    {(byte) 0xC0, (byte) 0x80},
    {(byte) 0xED, (byte) 0xA0, (byte) 0x80},
    {(byte) 0xFF},
    {(byte) 0xE2}
  };
  private static final int MOST_STEPS = 5;
  private static final int MOST_REPEATS = 300;

  private final Random random;
  private final List<byte[]> corpus;
  private final List<byte[]> tokens;

  Mutation(Random random, List<byte[]> corpus, List<byte[]> tokens) {
    this.random = random;
    this.corpus = corpus;
    this.tokens = tokens;
  }

  byte[] next() {
    byte[] bytes = any(corpus);
    int steps = 1 + random.nextInt(MOST_STEPS);
    for (int i = 0; i < steps; i++) {
      bytes = step(bytes);
    }
    return bytes;
  }

  private byte[] step(byte[] bytes) {
    int from = random.nextInt(bytes.length + 1);
    int to = Math.min(bytes.length, from + random.nextInt(1 << random.nextInt(1, 9)));
    byte[] range = Arrays.copyOfRange(bytes, from, to);
    return switch (random.nextInt(10)) {
      case 0 -> flipped(bytes);
      case 1 -> joined(bytes, from, new byte[] {(byte) random.nextInt(256)}, to);
      case 2 -> joined(bytes, from, new byte[0], to);
      case 3 -> joined(bytes, from, repeated(range), to);
      case 4 -> joined(bytes, from, token(), from);
      case 5 -> joined(bytes, from, token(), to);
      case 6 -> number(bytes, from);
      case 7 -> spliced(bytes, from);
      case 8 -> joined(bytes, random.nextInt(bytes.length + 1), range);
      default -> Arrays.copyOf(bytes, from);
    };
  }

  private byte[] flipped(byte[] bytes) {
    if (bytes.length == 0) {
      return bytes;
    }
    byte[] changed = bytes.clone();
    changed[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return changed;
  }

  private byte[] repeated(byte[] range) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int times = 2 + random.nextInt(MOST_REPEATS);
    for (int i = 0; i < times; i++) {
      all.writeBytes(range);
    }
    return all.toByteArray();
  }

  private byte[] token() {
    int kind = random.nextInt(8);
    if (kind == 0) {
      return NOT_UTF_8[random.nextInt(NOT_UTF_8.length)];
    }
    return kind < 4 || tokens.isEmpty() ? any(ODD) : any(tokens);
  }

  /// Another number in the place of the first one from there on.
  private byte[] number(byte[] bytes, int from) {
    int begin = from;
    while (begin < bytes.length && (bytes[begin] < '0' || bytes[begin] > '9')) {
      begin++;
    }
    int end = begin;
    while (end < bytes.length && bytes[end] >= '0' && bytes[end] <= '9') {
      end++;
    }
    return joined(bytes, begin, ODD.get(random.nextInt(10)), end);
  }

  private byte[] spliced(byte[] bytes, int from) {
    byte[] other = any(corpus);
    int behind = random.nextInt(other.length + 1);
    return joined(
        Arrays.copyOf(bytes, from), from, Arrays.copyOfRange(other, behind, other.length));
  }

  private static byte[] joined(byte[] bytes, int at, byte[] middle) {
    return joined(bytes, at, middle, at);
  }

  private static byte[] joined(byte[] bytes, int head, byte[] middle, int tail) {
    byte[] all = new byte[head + middle.length + bytes.length - tail];
    System.arraycopy(bytes, 0, all, 0, head);
    System.arraycopy(middle, 0, all, head, middle.length);
    System.arraycopy(bytes, tail, all, head + middle.length, bytes.length - tail);
    return all;
  }

  private byte[] any(List<byte[]> of) {
    return of.get(random.nextInt(of.size()));
  }
}
