package dev.jubelet.dockershim.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.YearMonth;
import java.util.Optional;

/// One record of Docker's json-file: `{"log":"text\n","stream":"stdout","time":"…"}`, as text
/// for a CRI line. Read by hand, since every line of every container passes here.
///
/// @param text with its newline, when the container wrote one; not copied
/// @param stream `stdout` or `stderr`
/// @param time as Docker wrote it: RFC 3339 with nanoseconds, UTC
@SuppressWarnings("ArrayRecordComponent") // handed on once
record JsonRecord(byte[] text, String stream, String time) {
  private static final byte[] NOTHING = {};

  /// Reads a record; empty when it is torn or none.
  static Optional<JsonRecord> parse(byte[] bytes, int from, int to) {
    try {
      return new Cursor(bytes, from, to).record();
    } catch (Malformed e) {
      return Optional.empty();
    }
  }

  /// Appends it as CRI lines: more than one only when its text has newlines inside.
  void appendTo(ByteArrayOutputStream out) {
    CriLines.append(out, time, stream, text);
  }

  private static final class Malformed extends Exception {
    Malformed() {
      super("not a json-file record", null, false, false);
    }
  }

  private static final class Cursor {
    private final byte[] in;
    private final int end;
    private int at;

    Cursor(byte[] in, int from, int end) {
      this.in = in;
      this.at = from;
      this.end = end;
    }

    Optional<JsonRecord> record() throws Malformed {
      byte[] text = NOTHING;
      String stream = "";
      String time = "";
      expect('{');
      if (peek() == '}') {
        throw new Malformed();
      }
      do {
        String key = ascii(string());
        expect(':');
        switch (key) {
          case "log" -> text = string();
          case "stream" -> stream = ascii(string());
          case "time" -> time = ascii(string());
          default -> skipValue();
        }
      } while (more());
      spaces();
      boolean known = stream.equals("stdout") || stream.equals("stderr");
      if (at != end || !known || !isTime(time)) {
        throw new Malformed();
      }
      return Optional.of(new JsonRecord(text, stream, time));
    }

    /// RFC 3339 by hand, since it becomes the head of a line that every reader has to take.
    private static boolean isTime(String time) {
      if (time.length() < 20 || !punctuated(time)) {
        return false;
      }
      int year = number(time, 0, 4);
      int month = number(time, 5, 7);
      int day = number(time, 8, 10);
      boolean date = year >= 0 && month >= 1 && month <= 12 && day >= 1;
      return date
          && (day <= 28 || day <= YearMonth.of(year, month).lengthOfMonth())
          && within(number(time, 11, 13), 23)
          && within(number(time, 14, 16), 59)
          && within(number(time, 17, 19), 59)
          && isZone(time, afterFraction(time));
    }

    private static boolean punctuated(String time) {
      return time.charAt(4) == '-'
          && time.charAt(7) == '-'
          && time.charAt(10) == 'T'
          && time.charAt(13) == ':'
          && time.charAt(16) == ':';
    }

    /// Where the zone begins; −1 when there is a point and no digit, or more than nine.
    private static int afterFraction(String time) {
      if (time.charAt(19) != '.') {
        return 19;
      }
      int at = 20;
      while (at < time.length() && isDigit(time.charAt(at))) {
        at++;
      }
      return within(at - 21, 8) ? at : -1;
    }

    private static boolean isZone(String time, int at) {
      if (at < 0 || at >= time.length()) {
        return false;
      }
      char sign = time.charAt(at);
      boolean offset = (sign == '+' || sign == '-')
          && time.length() == at + 6
          && time.charAt(at + 3) == ':'
          && within(number(time, at + 1, at + 3), 17)
          && within(number(time, at + 4, at + 6), 59);
      return offset || (sign == 'Z' && time.length() == at + 1);
    }

    private static boolean within(int number, int most) {
      return number >= 0 && number <= most;
    }

    /// −1 when one of them is no digit.
    private static int number(String text, int from, int to) {
      int number = 0;
      for (int i = from; i < to; i++) {
        if (!isDigit(text.charAt(i))) {
          return -1;
        }
        number = number * 10 + text.charAt(i) - '0';
      }
      return number;
    }

    private static boolean isDigit(char c) {
      return c >= '0' && c <= '9';
    }

    private boolean more() throws Malformed {
      if (peek() == ',') {
        at++;
        return true;
      }
      expect('}');
      return false;
    }

    // `attrs` is an object of strings
    private void skipValue() throws Malformed {
      if (peek() == '"') {
        string();
        return;
      }
      expect('{');
      if (peek() == '}') {
        at++;
        return;
      }
      do {
        string();
        expect(':');
        string();
      } while (more());
    }

    private byte[] string() throws Malformed {
      expect('"');
      int plain = at;
      while (plain < end && in[plain] != '"' && in[plain] != '\\') {
        plain++;
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream(plain - at + 16);
      while (true) {
        out.write(in, at, plain - at);
        at = plain;
        if (at >= end) {
          throw new Malformed();
        }
        if (in[at++] == '"') {
          return out.toByteArray();
        }
        escape(out);
        plain = at;
        while (plain < end && in[plain] != '"' && in[plain] != '\\') {
          plain++;
        }
      }
    }

    private void escape(ByteArrayOutputStream out) throws Malformed {
      if (at >= end) {
        throw new Malformed();
      }
      switch (in[at++]) {
        case 'n' -> out.write('\n');
        case 'r' -> out.write('\r');
        case 't' -> out.write('\t');
        case 'b' -> out.write('\b');
        case 'f' -> out.write('\f');
        case '"' -> out.write('"');
        case '\\' -> out.write('\\');
        case '/' -> out.write('/');
        case 'u' -> unicode(out);
        default -> throw new Malformed();
      }
    }

    private void unicode(ByteArrayOutputStream out) throws Malformed {
      char first = hex();
      String text = String.valueOf(first);
      if (Character.isHighSurrogate(first) && at + 1 < end && in[at] == '\\' && in[at + 1] == 'u') {
        at += 2;
        text += hex();
      }
      out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private char hex() throws Malformed {
      if (at + 4 > end) {
        throw new Malformed();
      }
      int value = 0;
      for (int i = 0; i < 4; i++) {
        int digit = Character.digit(in[at++], 16);
        if (digit < 0) {
          throw new Malformed();
        }
        value = value * 16 + digit;
      }
      return (char) value;
    }

    private byte peek() throws Malformed {
      spaces();
      if (at >= end) {
        throw new Malformed();
      }
      return in[at];
    }

    private void expect(char c) throws Malformed {
      if (peek() != c) {
        throw new Malformed();
      }
      at++;
    }

    private void spaces() {
      while (at < end && (in[at] == ' ' || in[at] == '\t' || in[at] == '\r')) {
        at++;
      }
    }

    private static String ascii(byte[] bytes) {
      return new String(bytes, StandardCharsets.US_ASCII);
    }
  }
}
