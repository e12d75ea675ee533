import RootfsCompose

/// What `build --ledger` writes: by platform, each deed of each rule, and each maintainer script.
struct LedgerReport: Encodable {
  let records: [Ledger.Record]
  let scripts: [Ledger.ScriptNote]
  let warnings: [String]

  static func json(_ composed: ComposedImage) throws -> String {
    var reports = [String: LedgerReport]()
    for (platform, ledger) in composed.ledgers {
      reports[platform.description] = LedgerReport(
        records: ledger.records, scripts: ledger.scripts, warnings: ledger.warnings)
    }
    return try JSONOutput.text(reports) + "\n"
  }
}
