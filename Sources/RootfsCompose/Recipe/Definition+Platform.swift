import OCIImage

extension Definition {
  /// The definition with `${NAME}` and `#{ … }` filled in for one platform, where their values differ between
  /// platforms: variables such as `#{ target.arch == "amd64" ? "x86_64" : "aarch64" }`, and `${target.arch}` (GOARCH).
  ///
  /// Items for other platforms stay: their `platforms` says so.
  public func substituted(for platform: Platform) -> Definition {
    let target = RecipeTarget(
      architecture: platform.architecture, isDevelopment: variant == .dev,
      isFIPS: fipsCompliant, flavor: flavor ?? "", distribution: distribution)
    let fill = PlatformFill(values: platformVars, target: target)
    var result = self
    for (name, values) in platformVars {
      if let value = values[platform.architecture] { result.vars[name] = value }
    }
    result.substituteIdentity(fill)
    result.contents.substitute(fill)
    result.accounts?.substitute(fill)
    result.osRelease?.substitute(fill)
    result.substituteRuntime(fill)
    result.compose.substitute(fill)
    return result
  }

  private mutating func substituteIdentity(_ fill: PlatformFill) {
    fill.apply(to: &name)
    fill.apply(to: &image)
    fill.apply(to: &flavor)
    fill.apply(to: &suffix)
    fill.apply(to: &tags)
    fill.apply(to: &dates.type)
    fill.apply(to: &dates.url)
    fill.apply(to: &dates.release)
    fill.apply(to: &dates.endOfLife)
    fill.apply(to: &dates.endOfSupport)
    fill.apply(to: &includes)
  }

  private mutating func substituteRuntime(_ fill: PlatformFill) {
    fill.apply(to: &workDir)
    fill.apply(to: &stopSignal)
    fill.apply(to: &environment)
    fill.apply(to: &annotations)
    fill.apply(to: &labels)
    fill.apply(to: &ports)
    entrypoint = entrypoint.map { fill.fill($0, .kept) }
    cmd = cmd.map { fill.fill($0, .kept) }
    for index in paths.indices {
      fill.apply(to: &paths[index].path)
      fill.apply(to: &paths[index].source)
      paths[index].content = paths[index].content.map { fill.fill($0, .kept) }
    }
    for index in tests.indices {
      tests[index].commands = tests[index].commands.map { fill.fill($0, .kept) }
      tests[index].output = tests[index].output.map { fill.fill($0, .kept) }
    }
  }
}

extension Definition.Contents {
  fileprivate mutating func substitute(_ fill: PlatformFill) {
    fill.apply(to: &repositories)
    fill.apply(to: &keyring)
    fill.apply(to: &packages)
    fill.apply(to: &mappings)
    for index in files.indices {
      fill.apply(to: &files[index].url)
      fill.apply(to: &files[index].checksum)
      fill.apply(to: &files[index].path)
      fill.apply(to: &files[index].includes)
      fill.apply(to: &files[index].excludes)
    }
  }
}

extension Definition.Accounts {
  fileprivate mutating func substitute(_ fill: PlatformFill) {
    runAs = runAs.map { Located(fill.fill($0.value, .strict), at: $0.location) }
    for index in users.indices { fill.apply(to: &users[index].name) }
    for index in groups.indices {
      fill.apply(to: &groups[index].name)
      fill.apply(to: &groups[index].members)
    }
  }
}

extension Definition.OSRelease {
  fileprivate mutating func substitute(_ fill: PlatformFill) {
    fill.apply(to: &name)
    fill.apply(to: &id)
    fill.apply(to: &idLike)
    fill.apply(to: &versionID)
    fill.apply(to: &versionCodename)
    fill.apply(to: &prettyName)
    fill.apply(to: &homeURL)
    fill.apply(to: &bugReportURL)
  }
}

extension ComposeOptions {
  fileprivate mutating func substitute(_ fill: PlatformFill) {
    mirror = mirror.map { Located(fill.fill($0.value, .strict), at: $0.location) }
    securityMirror = securityMirror.map { Located(fill.fill($0.value, .strict), at: $0.location) }
    fill.apply(to: &includes)
    fill.apply(to: &excludes)
    for index in exceptions.indices { fill.apply(to: &exceptions[index].paths) }
  }
}

extension PlatformFill {
  fileprivate func apply(to text: inout String) { text = fill(text, .strict) }

  fileprivate func apply(to text: inout String?) { text = text.map { fill($0, .strict) } }

  fileprivate func apply(to texts: inout [String]) { texts = texts.map { fill($0, .strict) } }

  fileprivate func apply(to texts: inout [String: String]) {
    texts = texts.mapValues { fill($0, .strict) }
  }

  fileprivate func apply(to texts: inout [Located<String>]) {
    texts = texts.map { Located(fill($0.value, .strict), at: $0.location) }
  }
}
