/// A complete solver for Alpine that learns from conflicts and prefers what apk 3 would choose.
///
/// It finds a set wherever there is one. The same request over the same pool gives the same answer.
struct AlpineSolver {
  /// Conflicts after which the search is given up.
  var conflictLimit = 100_000

  /// The packages chosen, in the order they were come by.
  func answer(_ request: AlpineRequest, in pool: AlpinePool) throws(ResolveError) -> AlpineAnswer {
    try AlpineRequestCheck(request, in: pool).verify()
    let search = Search(AlpineRules(request, in: pool))
    let closure = search.rules.closure
    let names = AlpineNameOrder(request, closure)
    let preference = AlpinePreference(request, closure)
    let outcome = try search.run(conflictLimit: conflictLimit) {
      AlpineOrder(names, preference, in: search)
    }
    switch outcome {
    case .found(let order):
      let answer = AlpineAnswer(order.membership, preference, in: search)
      try AlpineSoundness(answer.packages, request, in: pool).verify()
      return answer
    case .impossible(let conflict):
      let core = try UnsatisfiableCore(search.facts(behind: conflict))
      throw AlpineReport(core.facts, search.rules).error
    case .exhausted:
      throw ResolveError(
        .unsatisfiable, request.items.first?.subject ?? "",
        "no answer found after \(conflictLimit) conflicts; ask for fewer packages or name versions")
    }
  }
}
