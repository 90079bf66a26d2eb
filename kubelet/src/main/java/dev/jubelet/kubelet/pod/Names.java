package dev.jubelet.kubelet.pod;

import java.net.InetAddress;
import java.util.regex.Pattern;

/// The name rules of `apimachinery/pkg/util/validation`, with upstream's texts.
final class Names {
  private static final String LABEL_FORM = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
  private static final Pattern LABEL = Pattern.compile(LABEL_FORM);
  private static final Pattern SUBDOMAIN = Pattern.compile(LABEL_FORM + "(\\." + LABEL_FORM + ")*");
  private static final Pattern PORT = Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?");
  private static final Pattern QUALIFIED =
      Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
  private static final Pattern ENVIRONMENT = Pattern.compile("[ -<>-~]+");
  private static final Pattern UID = Pattern.compile("[A-Za-z0-9][-A-Za-z0-9_.]{0,62}");
  private static final Pattern SYSCTL_SEGMENT = Pattern.compile("[a-z0-9]([-_a-z0-9]*[a-z0-9])?");

  private Names() {}

  static void label(FieldErrors errors, String path, String value) {
    if (value.length() > 63) {
      errors.invalid(path, value, "must be no more than 63 characters");
    } else if (!LABEL.matcher(value).matches()) {
      errors.invalid(
          path,
          value,
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-',"
              + " and must start and end with an alphanumeric character (e.g. 'my-name')");
    }
  }

  static void subdomain(FieldErrors errors, String path, String value) {
    if (value.length() > 253) {
      errors.invalid(path, value, "must be no more than 253 characters");
    } else if (!SUBDOMAIN.matcher(value).matches()) {
      errors.invalid(
          path,
          value,
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'"
              + " or '.', and must start and end with an alphanumeric character"
              + " (e.g. 'example.com')");
    }
  }

  static void portName(FieldErrors errors, String path, String value) {
    if (value.length() > 15) {
      errors.invalid(path, value, "must be no more than 15 characters");
    } else if (!PORT.matcher(value).matches()
        || value.contains("--")
        || value.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      errors.invalid(
          path,
          value,
          "must contain only lower case letters, digits and single '-', with at least one letter,"
              + " and must start and end with a letter or digit (e.g. 'http')");
    }
  }

  /// A label or annotation key: `prefix/name`, the prefix a DNS subdomain.
  static void qualified(FieldErrors errors, String path, String key) {
    int slash = key.indexOf('/');
    String name = key.substring(slash + 1);
    if (slash >= 0) {
      subdomain(errors, path, key.substring(0, slash));
    }
    if (name.length() > 63 || !QUALIFIED.matcher(name).matches()) {
      errors.invalid(
          path,
          key,
          "name part must consist of at most 63 alphanumeric characters, '-', '_' or '.', and must"
              + " start and end with an alphanumeric character (e.g. 'my.name' or 'a.org/my-name')");
    }
  }

  static void labelValue(FieldErrors errors, String path, String value) {
    if (value.length() > 63 || !(value.isEmpty() || QUALIFIED.matcher(value).matches())) {
      errors.invalid(
          path,
          value,
          "a valid label must be an empty string or consist of at most 63 alphanumeric characters,"
              + " '-', '_' or '.', and must start and end with an alphanumeric character");
    }
  }

  static void environment(FieldErrors errors, String path, String value) {
    if (!ENVIRONMENT.matcher(value).matches()) {
      errors.invalid(
          path,
          value,
          "a valid environment variable name must consist only of printable ASCII characters"
              + " other than '='");
    }
  }

  /// A UID becomes a directory and a cgroup name.
  static void uid(FieldErrors errors, String path, String value) {
    if (!UID.matcher(value).matches()) {
      errors.invalid(
          path,
          value,
          "must be at most 63 alphanumeric characters, '-', '_' or '.', starting with an"
              + " alphanumeric character");
    }
  }

  /// Segments separated by '.' or '/'.
  static boolean isSysctl(String value) {
    if (value.length() > 253) {
      return false;
    }
    for (String segment : value.split("[./]", -1)) {
      if (!SYSCTL_SEGMENT.matcher(segment).matches()) {
        return false;
      }
    }
    return true;
  }

  /// A literal IPv4 or IPv6 address; never asks a name server.
  static boolean isIp(String value) {
    return isIpv4(value) || (value.indexOf(':') >= 0 && isIpv6(value));
  }

  private static boolean isIpv4(String value) {
    return Pattern.matches(
        "(25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.(25[0-5]|2[0-4]\\d|1?\\d?\\d)){3}", value);
  }

  private static boolean isIpv6(String value) {
    if (!Pattern.matches("[0-9a-fA-F:.]{2,45}", value)) {
      return false;
    }
    try {
      return InetAddress.ofLiteral(value).getHostAddress() != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
