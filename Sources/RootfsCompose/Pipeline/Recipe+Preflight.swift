extension Recipe {
  /// What can be told of a valid recipe before any archive is read.
  public struct Preflight: Sendable {
    /// What is wrong with it in any case.
    public var faults: [ComposeError] = []
    /// What this version does not compose: building it is refused.
    public var refusals: [ComposeError] = []
  }

  /// Looks at what the schema cannot say: keys that composing cannot serve, the distribution, names of hardening rules.
  public func preflight() -> Preflight {
    var result = Preflight(refusals: unsupportedKeys())
    func look(_ body: () throws(ComposeError) -> Void) {
      do throws(ComposeError) {
        try body()
      } catch {
        if error.code == .unsupportedRecipe {
          result.refusals.append(error)
        } else {
          result.faults.append(error)
        }
      }
    }
    if let distribution {
      look { () throws(ComposeError) in _ = try Distribution.named(distribution, subject: path) }
    }
    look { () throws(ComposeError) in
      _ = try HardeningContext(HardeningPolicy(definition))
    }
    return result
  }
}
