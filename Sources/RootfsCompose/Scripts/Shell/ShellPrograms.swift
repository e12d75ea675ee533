/// What is known of programs that maintainer scripts call for information only.
enum ShellPrograms {
  static let succeeds: Set<String> = [
    ":", "true", "echo", "printf", "cat", "mkdir", "ln", "cp", "mv", "rm", "rmdir", "touch",
    "chmod", "chown", "chgrp", "install", "update-alternatives", "ldconfig", "dpkg-trigger",
    "dpkg-maintscript-helper", "deb-systemd-helper", "dpkg-divert", "ischroot", "umask", "trap",
    ".", "cd",
  ]

  static let printsNothing: Set<String> = [
    ":", "true", "false", "mkdir", "ln", "cp", "rm", "touch", "chmod", "chown", "cd", "umask",
    "trap", ".",
  ]

  private static let readers: Set<String> = [
    ":", "true", "false", "echo", "printf", "cat", "grep", "egrep", "fgrep", "awk", "cut", "tr",
    "sort", "uniq", "head", "tail", "wc", "md5sum", "sha1sum", "sha256sum", "sha512sum", "cmp",
    "diff", "readlink", "realpath", "dirname", "basename", "stat", "ls", "getent", "id", "uname",
    "date", "expr", "seq", "which", "command", "type", "dpkg-query", "sleep", "ischroot", "pidof",
    "logger", "hash", "cd", "umask", "trap", "wait", "tput", "mktemp", "[[", "pwd", "hostname",
    "dpkg-architecture", "dpkg-realpath", "debconf-loadtemplate", "lsb_release", "ps", "tty",
    "whoami", "nproc", "getconf", "apt-config", "debconf-show", "mountpoint", "strings", "xxd",
  ]

  /// Whether a command changes nothing but what it prints.
  static func hasNoEffect(_ words: [String]) -> Bool {
    guard let first = words.first else { return true }
    let rest = words.dropFirst()
    switch first {
    case "sed": return !rest.contains { $0.hasPrefix("-i") || $0.hasPrefix("--in-place") }
    case "find": return !rest.contains { $0 == "-delete" || $0 == "-exec" || $0 == "-ok" }
    case "perl": return false
    case "/sbin/rc": return rest == ["--sys"]
    case "dpkg":
      let asks = [
        "--compare-versions", "--print-architecture", "-s", "--status", "-l", "--list", "-L",
        "--listfiles", "-S", "--search", "--validate-version", "--assert-support-predepends",
        "--print-foreign-architectures",
      ]
      return rest.contains { asks.contains($0) || $0.hasPrefix("--assert-") }
    case "dpkg-divert":
      return rest.contains { ["--truename", "--listpackage", "--list"].contains($0) }
    case "dpkg-statoverride": return rest.contains("--list")
    default: return readers.contains(first)
    }
  }
}
