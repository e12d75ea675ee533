/// What changed, as tables: the same for a terminal and for Markdown.
struct DifferenceDocument {
  /// A value, and whether it is another's word: a name in an image may be anything.
  struct Cell: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let text: String
    let isForeign: Bool

    init(stringLiteral text: String) { self.init(own: text) }
    init(own text: String) {
      self.text = text
      isForeign = false
    }
    init(foreign text: String?) {
      self.text = text ?? ""
      isForeign = true
    }
  }

  struct Table {
    var title: String
    /// What the title names that is another's word: a package.
    var subject: Cell?
    var columns: [String]
    var rows: [[Cell]]
    /// Rows that are left out because there are so many.
    var omitted = 0
    /// Whether Markdown folds it.
    var isFolded = false
    /// Whether each row has a mark that asks to be looked at.
    var isMarked = false
  }

  struct Section {
    /// A platform or a file; nil where there is one thing only.
    var heading: Cell?
    /// Sentences below the heading.
    var notes: [String] = []
    var tables: [Table] = []
  }

  /// `A → B`
  var title: Cell
  /// The whole in a line: `2 packages upgraded, 3 files changed`.
  var conclusion: String
  var sections: [Section]
}

/// How much of a difference is shown.
struct DifferenceBound {
  /// Files of one package.
  let files: Int
  /// Characters of a value.
  let characters: Int

  static let usual = DifferenceBound(files: 10, characters: 160)
  static let all = DifferenceBound(files: .max, characters: 4000)
}

/// Text that is another's word, as one line.
enum ForeignText {
  /// Control characters, line ends and what turns or hides the text around it are written out.
  static func line(_ text: String, limit: Int) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < limit else { return result + "…" }
      count += 1
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
