/// `pam-auth-update`: `/etc/pam.d/common-*` from the templates and the profiles that packages ship, those enabled
/// that are so by default.
///
/// Source: pam-auth-update(8) and the profile format it documents.
struct PAMProfiles: ScriptHandler {
  let name = "pam-profiles"
  private static let kinds = ["auth", "account", "password", "session", "session-noninteractive"]

  func covers(_ step: ScriptStep, of package: PackageScripts, in scene: ScriptScene) -> String? {
    guard step.program == "pam-auth-update", step.isResolved else { return nil }
    if step.arguments.contains("--remove") { return "no profile is enabled before" }
    let choices = ["--enable", "--disable"]
    guard !step.arguments.contains(where: choices.contains) else { return nil }
    return "makes /etc/pam.d/common-* from the profiles enabled by default"
  }

  func apply(
    to tree: inout ComposedTree, steps: [CoveredSteps], scene: ScriptScene
  ) throws(ComposeError) {
    guard steps.contains(where: { $0.steps.contains { !$0.arguments.contains("--remove") } })
    else { return }
    var profiles: [PAMProfile] = []
    for path in tree.tree.children(of: "usr/share/pam-configs") {
      guard let content = tree.tree[path]?.content, content.count <= 1 << 16 else { continue }
      let profile = PAMProfile(name: path.nameText, text: try content.text())
      if profile.isDefault { profiles.append(profile) }
    }
    profiles.sort {
      $0.priority == $1.priority ? $0.name > $1.name : $0.priority > $1.priority
    }
    for profile in profiles where profiles.contains(where: { $0.name == profile.name }) {
      profiles.removeAll { profile.conflicts.contains($0.name) }
    }
    for kind in Self.kinds {
      guard let template = TreePath("usr/share/pam/common-" + kind),
        let path = TreePath("etc/pam.d/common-" + kind),
        let content = tree.tree[template]?.content, tree.tree[path] == nil
      else { continue }
      let text = Self.filled(try content.text(), kind: kind, profiles)
      try tree.put(
        .file(text), at: path, rule: name,
        reason: "profiles: "
          + profiles.map(\.name).joined(separator: ", "))
    }
  }

  /// The template with the lines between its markers replaced by those of the profiles.
  private static func filled(_ template: String, kind: String, _ profiles: [PAMProfile]) -> String {
    let type = kind == "session-noninteractive" ? "session" : kind
    var lines: [String] = []
    var ending: String?
    for line in template.split(separator: "\n", omittingEmptySubsequences: false) {
      if let open = ending {
        guard line.hasPrefix(open) else { continue }
        ending = nil
      }
      lines.append(String(line))
      if line.hasPrefix("# here are the per-package modules (the \"Primary\" block)") {
        let modules = modules(kind, "Primary", profiles)
        lines +=
          modules.isEmpty
          ? ["\(type)\t[default=1]\t\t\tpam_permit.so"] : modules.map { "\(type)\t\($0)" }
        ending = "# here's the fallback if no module succeeds"
      } else if line.hasPrefix(
        "# and here are more per-package modules (the \"Additional\" block)")
      {
        lines += modules(kind, "Additional", profiles).map { "\(type)\t\($0)" }
        ending = "# end of pam-auth-update config"
      }
    }
    return lines.joined(separator: "\n")
  }

  /// The modules of one block; `end` in a control becomes the number of lines to jump to leave the block.
  private static func modules(
    _ kind: String, _ block: String, _ profiles: [PAMProfile]
  ) -> [String] {
    var found: [String] = []
    for profile in profiles.filter({ $0.block(of: kind) == block }) {
      found += profile.lines(of: kind, isFirst: found.isEmpty)
    }
    let last = block == "Primary" ? 0 : 1
    return found.enumerated().map { index, line in
      PAMProfile.line(line, jump: found.count - last - index)
    }
  }
}

/// One file of `/usr/share/pam-configs`.
struct PAMProfile {
  let name: String
  private var fields: [String: [String]] = [:]

  var isDefault: Bool { fields["Default"]?.first == "yes" }
  var priority: Int { fields["Priority"]?.first.flatMap { Int($0) } ?? 0 }
  var conflicts: Set<String> {
    let text = fields["Conflicts"]?.first ?? ""
    return Set(
      text.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init))
  }

  init(name: String, text: String) {
    self.name = name
    var field: String?
    for line in text.split(separator: "\n") {
      let isContinued = line.first == " " || line.first == "\t"
      if !isContinued, let colon = line.firstIndex(of: ":") {
        let key = String(line[..<colon]).replacing(/-Final$/, with: "")
        let value = line[line.index(after: colon)...].trimmingPrefix { $0 == " " || $0 == "\t" }
        fields[key] = value.isEmpty ? [] : [String(value)]
        field = key
      } else if let field {
        let value = line.drop { $0 == " " || $0 == "\t" }
        if !value.isEmpty { fields[field, default: []].append(String(value)) }
      }
    }
  }

  private func key(_ kind: String) -> String? {
    guard kind == "session-noninteractive" else {
      return kind.prefix(1).uppercased() + kind.dropFirst()
    }
    return fields["Session-Interactive-Only"]?.first == "yes" ? nil : "Session"
  }

  /// `Primary` or `Additional`; nil where the profile has no modules of that kind.
  func block(of kind: String) -> String? { key(kind).flatMap { fields[$0 + "-Type"]?.first } }

  /// Its module lines; the first profile of a block may have lines of its own.
  func lines(of kind: String, isFirst: Bool) -> [String] {
    guard let key = key(kind) else { return [] }
    return (isFirst ? fields[key + "-Initial"] : nil) ?? fields[key] ?? []
  }

  /// A module line with its options set apart by single spaces.
  static func line(_ text: String, jump: Int) -> String {
    var rest = text[...]
    var control = ""
    if rest.first == "[", let end = rest.firstIndex(of: "]") {
      control = String(rest[...end])
      rest = rest[rest.index(after: end)...]
    }
    func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
    let word = rest.prefix { !isBlank($0) }
    control += word
    rest = rest.dropFirst(word.count)
    let blank = rest.prefix(while: isBlank)
    rest = rest.dropFirst(blank.count)
    let module = rest.prefix { !isBlank($0) }
    let options = rest.dropFirst(module.count).split(whereSeparator: isBlank)
    let head = (control + blank + module).replacing("end", with: String(jump))
    return head + " " + options.joined(separator: " ")
  }
}
