/// `addgroup` or `adduser` as busybox has them, read.
///
/// Source: busybox, loginutils/addgroup.c and adduser.c (their options, long ones too), libbb/die_if_bad_username.c.
struct BusyboxAccountRequest: Equatable {
  enum Kind: Equatable {
    case group, user
    /// The user joins a group.
    case member(of: String)
  }

  private(set) var kind: Kind
  private(set) var name = ""
  private(set) var isSystem = false
  /// The number asked for; nil for the first free one.
  private(set) var number: UInt32?
  private(set) var group: String?
  private(set) var home: String?
  private(set) var makesHome = true
  private(set) var shell: String?
  private(set) var comment: String?
  private(set) var skeleton = "/etc/skel"

  /// The highest number that busybox gives out.
  static let lastNumber: UInt32 = 60_000

  private static let longOptions: [String: Character] = [
    "home": "h", "gecos": "g", "shell": "s", "ingroup": "G", "disabled-password": "D",
    "empty-password": "D", "system": "S", "no-create-home": "H", "uid": "u", "skel": "k",
  ]

  /// The home that a user gets made; nil where none is.
  var madeHome: String? { kind == .user && makesHome ? home ?? "/home/" + name : nil }

  /// Nil for other commands, where a word is not known, and where busybox would refuse what it is given.
  init?(_ step: ScriptStep) {
    guard step.isResolved, step.outputs.isEmpty,
      step.program == "adduser" || step.program == "addgroup"
    else { return nil }
    let isGroup = step.program == "addgroup"
    kind = isGroup ? .group : .user
    var operands: [String] = []
    var options: [Character: String] = [:]
    let valued = isGroup ? "g" : "hgsGuk"
    let long = isGroup ? ["gid": "g", "system": "S"] : Self.longOptions
    guard
      Self.read(
        step.arguments, flags: isGroup ? "S" : "DSH", valued: valued, long: long, &options,
        &operands),
      let first = operands.first, operands.count <= 2
    else { return nil }
    name = first
    guard take(options), Self.isName(name),
      AccountTable.areFields([home, shell, comment].compactMap(\.self))
    else {
      return nil
    }
    if operands.count == 2 {
      let refusesOptions = isGroup ? options["g"] != nil : !options.isEmpty
      guard !refusesOptions else { return nil }
      kind = .member(of: operands[1])
    }
  }

  private mutating func take(_ options: [Character: String]) -> Bool {
    let isGroup = kind == .group
    isSystem = options["S"] != nil
    makesHome = options["H"] == nil
    home = options["h"]
    shell = options["s"]
    group = options["G"]
    skeleton = options["k"] ?? skeleton
    if !isGroup { comment = options["g"] }
    guard let text = isGroup ? options["g"] : options["u"] else { return true }
    number = UInt32(text).flatMap { $0 <= Self.lastNumber ? $0 : nil }
    return number != nil
  }

  /// As getopt_long(3) reads a command line; false for an option that is not known or lacks its value.
  private static func read(
    _ arguments: ArraySlice<String>, flags: String, valued: String, long: [String: Character],
    _ options: inout [Character: String], _ operands: inout [String]
  ) -> Bool {
    var rest = arguments
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument.count > 1 else {
        operands.append(argument)
        continue
      }
      if argument == "--" {
        operands += rest
        return true
      }
      var letters = argument.dropFirst()
      if letters.first == "-" {
        let parts = letters.dropFirst().split(separator: "=", maxSplits: 1)
        guard let letter = parts.first.flatMap({ long[String($0)] }) else { return false }
        letters = Substring(String(letter)) + (parts.count > 1 ? parts[1] : "")
        if parts.count > 1, flags.contains(letter) || parts[1].isEmpty { return false }
      }
      while let letter = letters.popFirst() {
        if flags.contains(letter) {
          options[letter] = ""
        } else if valued.contains(letter) {
          guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
            return false
          }
          options[letter] = value
          letters = ""
        } else {
          return false
        }
      }
    }
    return true
  }

  private static func isName(_ name: String) -> Bool {
    let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
    guard let first = name.first, first != "-", first != ".", name.utf8.count < 256 else {
      return false
    }
    return name.allSatisfy { allowed.contains($0) }
  }
}
