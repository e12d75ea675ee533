import OCIImage

/// Makes a ``Definition`` of a tree that the schema has accepted, and checks what the schema cannot say.
struct DefinitionDecoder {
  let file: String
  private(set) var problems: [ComposeError] = []

  init(file: String) { self.file = file }

  mutating func decode(_ root: RecipeNode, variables: RecipeVariables) -> Definition {
    var definition = Definition()
    identity(root, &definition)
    definition.vars = strings(in: root["vars"]).merging(variables.plain) { $1 }
    definition.platformVars = variables.perPlatform
    definition.contents = contents(root["contents"])
    definition.accounts = root["accounts"].map { accounts($0) }
    definition.osRelease = root["os-release"].map(Self.osRelease)
    definition.paths = items(root["paths"]).enumerated().map { pathItem($1, "paths[\($0)]") }
    definition.workDir = root["work-dir"]?.text
    definition.stopSignal = root["stop-signal"]?.text
    definition.environment = strings(in: root["environment"])
    definition.annotations = strings(in: root["annotations"])
    definition.labels = strings(in: root["labels"])
    definition.entrypoint = texts(root["entrypoint"])
    definition.cmd = texts(root["cmd"])
    definition.ports = located(root["ports"])
    definition.tests = items(root["tests"]).map(test)
    definition.fipsCompliant = root["fips-compliant"]?.boolean ?? false
    definition.stigCertified = root["stig-certified"]?.boolean ?? false
    definition.compose = compose(root["compose"])
    return definition
  }

  private func identity(_ root: RecipeNode, _ definition: inout Definition) {
    definition.name = root["name"]?.text
    definition.image = root["image"]?.text
    definition.variant = choice(root["variant"]) ?? .runtime
    definition.flavor = root["flavor"]?.text
    definition.entitlement = root["entitlement"]?.text
    definition.tags = texts(root["tags"])
    definition.suffix = root["suffix"]?.text
    definition.platforms = platforms(root["platforms"])
    definition.compression = choice(root["compression"])
    definition.output = choice(root["output"])
    definition.includes = located(root["includes"])
    let dates = root["dates"]
    definition.dates.type = dates?["type"]?.text
    definition.dates.url = dates?["url"]?.text
    definition.dates.release = dates?["release"]?.text
    definition.dates.endOfLife = dates?["end-of-life"]?.text
    definition.dates.endOfSupport = dates?["end-of-support"]?.text
  }

  private func contents(_ node: RecipeNode?) -> Definition.Contents {
    var contents = Definition.Contents()
    contents.repositories = located(node?["repositories"])
    contents.keyring = located(node?["keyring"])
    contents.packages = located(node?["packages"])
    contents.files = items(node?["files"]).map(fileItem)
    contents.builds = named(node?["builds"], "build")
    contents.mappings = strings(in: node?["mappings"])
    contents.artifacts = named(node?["artifacts"], "artifact")
    return contents
  }

  private func fileItem(_ node: RecipeNode) -> Definition.FileItem {
    var item = Definition.FileItem(
      location: location(node), url: node["url"]?.text ?? "", path: node["path"]?.text ?? "")
    item.condition = node["if"]?.text
    item.checksum = node["checksum"]?.text
    item.includes = texts(node["includes"])
    item.excludes = texts(node["excludes"])
    item.platforms = platforms(node["platforms"])
    item.uid = number(node["uid"])
    item.gid = number(node["gid"])
    item.mode = mode(node["mode"])
    item.secretID = node["secret-id"]?.text
    item.spdx = node["spdx"].map { spdx in
      Definition.SPDX(
        name: spdx["name"]?.text, version: spdx["version"]?.text,
        packages: items(spdx["packages"]).map { package in
          Definition.SPDX.Package(
            name: package["name"]?.text, purl: package["purl"]?.text,
            license: package["license"]?.text, path: package["path"]?.text)
        })
    }
    return item
  }

  private mutating func pathItem(_ node: RecipeNode, _ path: String) -> Definition.PathItem {
    var item = Definition.PathItem(
      location: location(node), kind: choice(node["type"]) ?? .file,
      path: node["path"]?.text ?? "")
    item.condition = node["if"]?.text
    item.content = node["content"]?.text
    item.source = node["source"]?.text
    item.uid = number(node["uid"])
    item.gid = number(node["gid"])
    item.mode = mode(node["mode"])
    item.recursive = node["recursive"]?.boolean ?? false
    item.platforms = platforms(node["platforms"])
    check(item, node, path)
    return item
  }

  private mutating func check(
    _ item: Definition.PathItem, _ node: RecipeNode, _ path: String
  ) {
    switch item.kind {
    case .symlink:
      guard let source = item.source, !source.isEmpty else {
        return report(node.mark, "\(path): expected \"source\", the target of the symlink; add it")
      }
      let target = Array(source.utf8)
      guard let link = TreePath(item.path), link.resolvingLink(target) == nil else { return }
      let mark = node["source"]?.mark ?? node.mark
      report(
        mark, "\(path).source: \(RecipeText.quoted(source)) leaves the tree; link to a path inside")
    case .file, .directory:
      guard let source = item.source else { return }
      if item.content != nil {
        report(
          node["source"]?.mark ?? node.mark,
          "\(path): expected one of \"content\" and \"source\", found both; remove one")
      }
      if !source.hasPrefix("/"), case .sentence(let sentence)? = TextForm.localPath.check(source) {
        report(
          node["source"]?.mark ?? node.mark,
          "\(path).source: \(RecipeText.quoted(source)) \(sentence)")
      }
    case .delete, .emptyfile: break
    }
  }

  private mutating func accounts(_ node: RecipeNode) -> Definition.Accounts {
    var accounts = Definition.Accounts()
    accounts.root = node["root"]?.boolean
    accounts.runAs = node["run-as"].flatMap { node in
      node.text.map { Located($0, at: location(node)) }
    }
    users(node["users"], &accounts)
    groups(node["groups"], &accounts)
    return accounts
  }

  /// Published definitions, being merged of several, list some accounts twice in the same words: once is meant.
  private mutating func users(_ node: RecipeNode?, _ accounts: inout Definition.Accounts) {
    for (index, item) in items(node).enumerated() {
      let user = Definition.Accounts.User(
        location: location(item), name: item["name"]?.text ?? "", uid: number(item["uid"]) ?? 0,
        gid: number(item["gid"]) ?? 0, mode: mode(item["mode"]))
      guard let other = accounts.users.first(where: { $0.name == user.name }) else {
        accounts.users.append(user)
        continue
      }
      if (other.uid, other.gid, other.mode) != (user.uid, user.gid, user.mode) {
        reportTwin(item, "accounts.users[\(index)]", other.location)
      }
    }
  }

  private mutating func groups(_ node: RecipeNode?, _ accounts: inout Definition.Accounts) {
    for (index, item) in items(node).enumerated() {
      let group = Definition.Accounts.Group(
        location: location(item), name: item["name"]?.text ?? "", gid: number(item["gid"]) ?? 0,
        members: texts(item["members"]))
      guard let other = accounts.groups.firstIndex(where: { $0.name == group.name }) else {
        accounts.groups.append(group)
        continue
      }
      if accounts.groups[other].gid != group.gid {
        reportTwin(item, "accounts.groups[\(index)]", accounts.groups[other].location)
      }
      for member in group.members where !accounts.groups[other].members.contains(member) {
        accounts.groups[other].members.append(member)
      }
    }
  }

  private mutating func reportTwin(
    _ item: RecipeNode, _ path: String, _ first: SourceLocation
  ) {
    report(
      item["name"]?.mark ?? item.mark,
      "\(path).name: \(RecipeText.quoted(item["name"]?.text ?? "")) stands twice with different "
        + "values, first at \(first); remove one")
  }

  private static func osRelease(_ node: RecipeNode) -> Definition.OSRelease {
    Definition.OSRelease(
      name: node["name"]?.text, id: node["id"]?.text, idLike: node["id-like"]?.text,
      versionID: node["version-id"]?.text, versionCodename: node["version-codename"]?.text,
      prettyName: node["pretty-name"]?.text, homeURL: node["home-url"]?.text,
      bugReportURL: node["bug-report-url"]?.text)
  }

  private func test(_ node: RecipeNode) -> Definition.TestItem {
    // Field by field: the compiler of Swift 6.3 crashes in release mode on one long initializer call.
    var item = Definition.TestItem(exitCode: 0)
    item.name = text(node, "name")
    item.directory = text(node, "directory")
    item.commands = texts(node["commands"])
    item.output = text(node, "output")
    if let code = node["exit-code"]?.integer { item.exitCode = Int(code) }
    if let timeout = node["timeout"]?.integer { item.timeout = Int(timeout) }
    return item
  }

  private func text(_ node: RecipeNode, _ key: String) -> String? { node[key]?.text }

  private func compose(_ node: RecipeNode?) -> ComposeOptions {
    var options = ComposeOptions()
    guard let node else { return options }
    options.distribution = located(node, "distribution")
    options.snapshot = located(node, "snapshot").map { snapshot in
      Located(SnapshotMoment.normalised(snapshot.value) ?? snapshot.value, at: snapshot.location)
    }
    options.mirror = located(node, "mirror")
    options.securityMirror = located(node, "security-mirror")
    options.pins = items(node["pins"]).map { pin in
      SuitePin(
        location: location(pin["suite"] ?? pin), suite: pin["suite"]?.text ?? "",
        packages: texts(pin["packages"]), priority: Int(pin["priority"]?.integer ?? 0))
    }
    options.includes = located(node["includes"])
    options.excludes = located(node["excludes"])
    options.exceptions = items(node["exceptions"]).map { exception in
      HardeningException(
        location: location(exception["rule"] ?? exception), rule: exception["rule"]?.text ?? "",
        paths: texts(exception["paths"]), reason: exception["reason"]?.text)
    }
    return options
  }
}

extension DefinitionDecoder {
  private mutating func report(_ mark: RecipeNode.Mark, _ message: String) {
    problems.append(
      ComposeError(.invalidRecipe, "\(file):\(mark.line):\(mark.column)", message))
  }

  private func location(_ node: RecipeNode) -> SourceLocation {
    SourceLocation(file: file, line: node.mark.line, column: node.mark.column)
  }

  private func items(_ node: RecipeNode?) -> [RecipeNode] { node?.items ?? [] }

  private func texts(_ node: RecipeNode?) -> [String] { items(node).compactMap(\.text) }

  private func located(_ node: RecipeNode?) -> [Located<String>] {
    items(node).compactMap { item in item.text.map { Located($0, at: location(item)) } }
  }

  private func located(_ node: RecipeNode, _ key: String) -> Located<String>? {
    node[key].flatMap { value in value.text.map { Located($0, at: location(value)) } }
  }

  private func named(_ node: RecipeNode?, _ kind: String) -> [Located<String>] {
    items(node).enumerated().map { index, item in
      Located(item["name"]?.text ?? "\(kind) \(index + 1)", at: location(item))
    }
  }

  private func strings(in node: RecipeNode?) -> [String: String] {
    var result = [String: String]()
    for entry in node?.entries ?? [] { result[entry.key] = entry.value.text }
    return result
  }

  private func number(_ node: RecipeNode?) -> UInt32? {
    node?.integer.flatMap { UInt32(exactly: $0) }
  }

  private func mode(_ node: RecipeNode?) -> UInt16? { node?.text.flatMap(TextForm.mode) }

  private func choice<Choice: RawRepresentable<String>>(_ node: RecipeNode?) -> Choice? {
    node?.text.flatMap(Choice.init(rawValue:))
  }

  private func platforms(_ node: RecipeNode?) -> [Platform] {
    node.map { node in texts(node).compactMap { Platform($0) } } ?? Platform.supported
  }
}
