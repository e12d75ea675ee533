import OCIImage
import PkgResolve
import RootfsCompose

/// What `why` and `why-not` do with a path: compose the image as far as its tree, and ask that.
struct PathQuestion {
  enum Kind { case why, whyNot }

  private let text: String
  private let request: RequestOptions

  init(_ text: String, _ request: RequestOptions) {
    self.text = text
    self.request = request
  }

  /// Prints an answer for each platform. Throws exit code 1 where none has one.
  func ask(_ kind: Kind, _ display: ProgressDisplay) async throws {
    try request.check()
    guard let recipe = try request.source.soleRecipe() else { return }
    let asked = try AskedPath(text)
    let source = request.source
    let bundle = try source.bundled.bundle(source.archives)
    let session = try ComposerSession(source.archives.composer(bundle: bundle))
    defer { session.close() }
    let platforms =
      try source.platform.platforms() ?? bundle?.platforms(for: recipe)
      ?? Self.locked(of: recipe) ?? recipe.definition.platforms
    let lock = try await self.lock(of: recipe, platforms, session, display)
    var answers = [(name: String, answer: PlatformAnswers.Answer)]()
    for platform in platforms {
      let composition = try await session.composition(
        recipe, lock: lock, platform: platform, observe: { Self.show($0, on: display) })
      let text = PathAnswer(
        composition, lock.platforms[platform.description], recipe, repeating: request.repeatable)
      answers.append((platform.description, text.answer(asked, kind)))
    }
    display.finish()
    try PlatformAnswers(answers).print()
  }

  /// The platforms of a recipe that its lock is for, which need not be all; nil without a lock.
  private static func locked(of recipe: Recipe) throws -> [Platform]? {
    try LockFiles.read(RecipeName.lockPath(of: recipe)).map { lock in
      recipe.definition.platforms.filter { lock.platforms[$0.description] != nil }
    }
  }

  /// The recipe's own where there is one, else the bundle's, as `build` follows them; else what the archives have now.
  private func lock(
    of recipe: Recipe, _ platforms: [Platform], _ session: ComposerSession,
    _ display: ProgressDisplay
  ) async throws -> Lockfile {
    let path = RecipeName.lockPath(of: recipe)
    if let lock = try LockFiles.read(path) {
      try LockFiles.check(lock, path, against: recipe, platforms: platforms, exactly: false)
      return lock
    }
    if let bundled = session.composer.options.bundle?.image(for: recipe) {
      try LockFiles.check(
        bundled.lock, bundled.lockPath, against: recipe, platforms: platforms, exactly: false)
      return bundled.lock
    }
    return try await session.resolve(
      recipe, for: platforms, observe: { Self.show($0, on: display) })
  }

  /// What is only asked about needs no record of how it went.
  private static func show(_ event: ComposeEvent, on display: ProgressDisplay) {
    switch event {
    case .fetching, .fetched, .unpacked: display.show(event)
    default: break
    }
  }
}

/// A path of an image as it was typed, or a pattern of paths.
struct AskedPath {
  let text: String
  let path: TreePath
  /// nil where the text has no sign of a pattern.
  let pattern: PathPattern?

  init(_ text: String) throws {
    self.text = text
    guard let path = TreePath(text) else {
      throw ComposeError(
        .unsafePath, text,
        "is no path in an image; expected an absolute one without \"..\", such as /usr/bin/env")
    }
    self.path = path
    pattern =
      text.contains(where: { "*?[".contains($0) }) ? try PathPattern(text, subject: text) : nil
  }
}
