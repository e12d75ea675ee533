/// The files a script has made and removed by the time it asks for them.
struct ShellChanges {
  private enum State {
    case absent, file, directory, link, unknown
  }

  private var states: [String: State] = [:]

  mutating func follow(_ step: ScriptStep) {
    guard let deeds = PlainDeed.all(of: step) else { return }
    for deed in deeds {
      switch deed {
      case .makeDirectory(let path, _, _, _): set(path, .directory, step)
      case .link(_, let path): set(path, .link, step)
      case .touch(let path), .write(let path, _, _), .copy(_, let path, _): set(path, .file, step)
      case .move(let from, let to):
        set(to, .unknown, step)
        set(from, .absent, step)
      case .remove(let path), .removeDirectory(let path): set(path, .absent, step)
      case .setMode, .setOwner: break
      }
    }
  }

  private mutating func set(_ path: String, _ state: State, _ step: ScriptStep) {
    guard states.count < 4096 else { return }
    states[path] = step.isCertain && step.isResolved ? state : .unknown
  }

  /// Decides a test of one file; nil where the script has not touched it.
  func test(_ sign: String, _ path: String) -> ShellWalk.Status? {
    guard let state = states[path] else { return nil }
    switch (state, sign) {
    case (.absent, _): return .failure
    case (.file, "-e"), (.file, "-f"), (.file, "-r"), (.directory, "-e"), (.directory, "-d"),
      (.directory, "-r"), (.link, "-L"), (.link, "-h"):
      return .success
    case (.file, "-d"), (.file, "-L"), (.file, "-h"), (.directory, "-f"), (.directory, "-L"),
      (.directory, "-h"):
      return .failure
    default: return .unknown
    }
  }
}
