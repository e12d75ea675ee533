import ArgumentParser
import PkgResolve
import RootfsCompose

/// The package that `why` and `why-not` ask about, as it was typed.
struct AskedPackage {
  let text: String

  /// What is asked about is one package, and not that it be kept out.
  func validate(_ command: String) throws {
    guard !text.isEmpty else { throw ValidationError("the package is empty; name one") }
    guard !text.hasPrefix("!") else {
      let name = String(text.dropFirst())
      throw ValidationError(
        "\(text): keeps a package out; \(command) takes the package itself"
          + (name.isEmpty ? "" : ", as in `\(command) \(name)`"))
    }
  }

  /// For `why`, which asks about whichever version there is.
  func validateName() throws {
    // Alpine's packages provide paths.
    let sign = text.dropFirst().first { "=<>~@/".contains($0) }
    guard let sign, sign != "/" || !text.hasPrefix("/") else { return }
    if sign == "/" {
      let path = text.hasPrefix("./") ? text.dropFirst() : "/" + text
      throw ValidationError("\(text): a path begins with a slash, as in `why \(path)`")
    }
    let name = text.prefix { $0 != sign }
    throw ValidationError(
      "\(text): why takes a name alone, as in `why \(name)`; why-not takes versions")
  }

  /// The name without the problem's own architecture (`libc6:amd64`); nil where another one is meant.
  func name(in problem: ResolutionProblem) -> String? {
    guard case .debian = problem.choice, let sign = text.lastIndex(of: ":") else { return text }
    let architecture = String(text[text.index(after: sign)...])
    let isMeant = [problem.architecture, "all", "any", "native"].contains(architecture)
    return isMeant ? String(text[..<sign]) : nil
  }
}

extension ResolutionProblem {
  /// The packages that provide a name besides their own, and their versions.
  func providers(of name: String) -> [(name: String, version: String)] {
    let tables =
      switch choice {
      case .debian(_, let pool): pool.indexes
      case .alpine(_, let pool): pool.indexes.map(\.table)
      }
    return tables.flatMap { table in
      table.provisions(of: name).map { (table[$0.row].name, table[$0.row].version) }
    }
  }
}
