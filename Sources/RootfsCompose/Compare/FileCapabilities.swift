/// The capabilities that a program gets from its file, as text.
///
/// Source: capabilities(7), "File capabilities"; linux/capability.h, `vfs_cap_data` and `vfs_ns_cap_data`.
enum FileCapabilities {
  static let attribute = "security.capability"

  /// By number. Source: linux/capability.h.
  private static let names = [
    "chown", "dac_override", "dac_read_search", "fowner", "fsetid", "kill", "setgid", "setuid",
    "setpcap", "linux_immutable", "net_bind_service", "net_broadcast", "net_admin", "net_raw",
    "ipc_lock", "ipc_owner", "sys_module", "sys_rawio", "sys_chroot", "sys_ptrace", "sys_pacct",
    "sys_admin", "sys_boot", "sys_nice", "sys_resource", "sys_time", "sys_tty_config", "mknod",
    "lease", "audit_write", "audit_control", "setfcap", "mac_override", "mac_admin", "syslog",
    "wake_alarm", "block_suspend", "audit_read", "perfmon", "bpf", "checkpoint_restore",
  ]

  /// `cap_net_raw=ep`; the bytes in hexadecimal digits where they are no capabilities.
  static func text(_ bytes: [UInt8]) -> String {
    guard let text = decoded(bytes) else {
      let digits = bytes.prefix(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      return "unknown capabilities 0x" + digits + (bytes.count > 32 ? "…" : "")
    }
    return text
  }

  private static func decoded(_ bytes: [UInt8]) -> String? {
    func word(_ index: Int) -> UInt32? {
      let start = index * 4
      guard start + 4 <= bytes.count else { return nil }
      return bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard let head = word(0) else { return nil }
    // Revision 1 has one word each of permitted and inheritable, 2 has two, 3 the root user of a name space besides.
    let expected: [UInt32: Int] = [0x0100_0000: 12, 0x0200_0000: 20, 0x0300_0000: 24]
    guard expected[head & 0xff00_0000] == bytes.count else { return nil }
    let isEffective = head & 1 != 0
    var flags = [(name: String, flags: String)]()
    for number in 0..<64 {
      let pair = number / 32
      guard bytes.count > 12 || pair == 0 else { break }
      let bit = UInt32(1) << UInt32(number % 32)
      let isPermitted = (word(1 + pair * 2) ?? 0) & bit != 0
      let isInheritable = (word(2 + pair * 2) ?? 0) & bit != 0
      guard isPermitted || isInheritable else { continue }
      let name = number < names.count ? names[number] : "\(number)"
      flags.append(
        (
          "cap_" + name,
          (isEffective ? "e" : "") + (isInheritable ? "i" : "") + (isPermitted ? "p" : "")
        ))
    }
    guard !flags.isEmpty else { return "no capability" }
    let isAlike = flags.allSatisfy { $0.flags == flags[0].flags }
    if isAlike { return flags.map(\.name).joined(separator: ",") + "=" + flags[0].flags }
    return flags.map { "\($0.name)=\($0.flags)" }.joined(separator: " ")
  }
}
